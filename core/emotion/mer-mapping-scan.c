/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A quick reader for mapping files as this library writes them: every `mer score` begins
 * with one, and a general JSON tree of 20,000 nodes took two thirds of its time. It knows
 * plain strings, ascending words and the expected members only; of anything else it says
 * nothing, and the general reader accepts or refuses the file. */
#include "emotion/mer-mapping-private.h"

#include <string.h>

typedef struct
{
  char *next; /* NUL-terminated text; ends of strings become NUL */
  gboolean ok;
} Scan;

typedef void (*AddPair) (MerMappingBuilder *builder, const char *key, const char *value);

static char
peek (Scan *self)
{
  while (*self->next == ' ' || *self->next == '\n' || *self->next == '\t'
         || *self->next == '\r')
    self->next++;
  return *self->next;
}

static gboolean
take (Scan *self, char c)
{
  if (!self->ok || peek (self) != c)
    return FALSE;
  self->next++;
  return TRUE;
}

static void
expect (Scan *self, char c)
{
  self->ok = take (self, c);
}

/* a string without escapes; "" where there is none */
static const char *
take_string (Scan *self)
{
  const char *start;

  expect (self, '"');
  if (!self->ok)
    return "";
  start = self->next;
  while (*self->next != '"' && *self->next != '\\' && (guint8) *self->next >= 0x20)
    self->next++;
  self->ok = *self->next == '"';
  if (!self->ok)
    return "";
  *self->next++ = '\0';
  return start;
}

/* The next key of an object; %NULL at its end. */
static const char *
take_key (Scan *self, gboolean first)
{
  if (take (self, '}'))
    return NULL;
  if (!first)
    expect (self, ',');

  const char *key = take_string (self);
  expect (self, ':');
  self->ok = self->ok && *key != '\0';
  return self->ok ? key : NULL;
}

/* The same for words, which ascend and so cannot stand twice. */
static const char *
take_next_word (Scan *self, const char *last)
{
  const char *key = take_key (self, last == NULL);

  if (key != NULL && last != NULL && strcmp (last, key) >= 0)
    self->ok = FALSE;
  return self->ok ? key : NULL;
}

/* The next of the members in @names, each of which may stand once; its number, or -1. */
static int
take_member (Scan *self, const char *const *names, guint *seen)
{
  const char *key = take_key (self, *seen == 0);

  for (guint i = 0; key != NULL && names[i] != NULL; i++)
    if (g_str_equal (names[i], key) && (*seen & (1u << i)) == 0)
      {
        *seen |= 1u << i;
        return (int) i;
      }
  self->ok = self->ok && key == NULL;
  return -1;
}

static const char *
take_word (Scan *self)
{
  const char *word = take_string (self);

  self->ok = self->ok && *word != '\0';
  return word;
}

static void
scan_lists (Scan *self, MerMappingBuilder *builder, AddPair add)
{
  const char *key = NULL;

  expect (self, '{');
  while (self->ok && (key = take_next_word (self, key)) != NULL)
    {
      expect (self, '[');
      do
        add (builder, key, take_word (self));
      while (take (self, ','));
      expect (self, ']');
    }
}

static void
scan_level (Scan *self, MerMappingBuilder *builder, guint wheel, guint level)
{
  const char *key = NULL;

  expect (self, '{');
  while (self->ok && (key = take_next_word (self, key)) != NULL)
    mer_mapping_builder_set_cluster (builder, wheel, level, key, take_word (self));
}

static void
scan_wheel (Scan *self, MerMappingBuilder *builder, guint wheel)
{
  static const char *const members[] = { "level1", "level2", "name", NULL };
  guint seen = 0;
  int member;

  expect (self, '{');
  while (self->ok && (member = take_member (self, members, &seen)) >= 0)
    if (member == 2)
      mer_mapping_builder_name_wheel (builder, wheel, take_string (self));
    else
      scan_level (self, builder, wheel, (guint) member);
  self->ok = self->ok && seen == 7;
}

static void
scan_wheels (Scan *self, MerMappingBuilder *builder)
{
  expect (self, '[');
  for (guint wheel = 0; wheel < MER_N_WHEELS; wheel++)
    {
      if (wheel > 0)
        expect (self, ',');
      scan_wheel (self, builder, wheel);
    }
  expect (self, ']');
}

static void
scan_mapping (Scan *self, MerMappingBuilder *builder)
{
  static const char *const members[]
      = { "format", "name", "source", "licence", "forms", "synonyms", "wheels", NULL };
  const guint needed = 1u << 0 | 1u << 1 | 1u << 4 | 1u << 5 | 1u << 6;
  const char *texts[4] = { NULL };
  guint seen = 0;
  int member;

  expect (self, '{');
  while (self->ok && (member = take_member (self, members, &seen)) >= 0)
    if (member < 4)
      texts[member] = take_string (self);
    else if (member < 6)
      scan_lists (self, builder,
                  member == 4 ? mer_mapping_builder_add_form
                              : mer_mapping_builder_add_synonym);
    else
      scan_wheels (self, builder);
  self->ok = self->ok && (seen & needed) == needed && peek (self) == '\0'
             && g_strcmp0 (texts[0], MER_MAPPING_FORMAT) == 0;
  if (self->ok)
    mer_mapping_builder_set_origin (builder, texts[1], texts[2], texts[3]);
}

/* %NULL where the text is not plain enough */
MerMappingBuilder *
mer_mapping_scan (const char *text, gsize size)
{
  if (memchr (text, '\0', size) != NULL || !g_utf8_validate_len (text, size, NULL))
    return NULL;

  g_autoptr (MerMappingBuilder) builder = mer_mapping_builder_new ();
  g_autofree char *copy = g_strndup (text, size);
  Scan scan = { copy, TRUE };

  scan_mapping (&scan, builder);
  return scan.ok ? g_steal_pointer (&builder) : NULL;
}
