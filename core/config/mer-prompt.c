/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/mer-prompt.h"

#include "config/mer-lookup.h"
#include "mer-error.h"
#include "tables/mer-json.h"

#include <gio/gio.h>
#include <string.h>

typedef enum
{
  VALUE_SUBTITLE,
  VALUE_TEXT,
  VALUE_LABELS,
} ValueKind;

typedef enum
{
  PART_LITERAL,
  PART_VALUE,
  PART_OPEN,    /* a section that is kept where the value is there */
  PART_INVERSE, /* one that is kept where it is not */
  PART_CLOSE,
} PartKind;

typedef struct
{
  PartKind kind;
  ValueKind value;
  char *text;  /* literal text, or the stage's name */
  guint close; /* of a section: the part that ends it */
  guint line;
} Part;

struct _MerPrompt
{
  gatomicrefcount refs;
  char *name;
  char *text;
  GArray *parts;
  GPtrArray *references;
  gboolean uses_subtitle;
};

G_DEFINE_BOXED_TYPE (MerPrompt, mer_prompt, mer_prompt_ref, mer_prompt_unref)

static const char *const tag_names[] = { "subtitle", "text:STAGE", "labels:STAGE", NULL };

static void
clear_part (gpointer part)
{
  g_free (((Part *) part)->text);
}

static void
add_part (MerPrompt *self, PartKind kind, ValueKind value, char *text, guint line)
{
  Part part = { .kind = kind, .value = value, .text = text, .line = line };

  g_array_append_val (self->parts, part);
}

static void
add_reference (MerPrompt *self, const char *stage)
{
  if (!g_ptr_array_find_with_equal_func (self->references, stage, g_str_equal, NULL))
    g_ptr_array_add (self->references, g_strdup (stage));
}

/* `text:audio` → kind and stage */
static gboolean
parse_value (MerPrompt *self, const char *body, guint line, ValueKind *value, char **stage,
             GError **error)
{
  static const char *const bare[] = { "subtitle", "text", "labels", NULL };

  if (g_str_equal (body, "subtitle"))
    {
      *value = VALUE_SUBTITLE;
      *stage = g_strdup ("");
      self->uses_subtitle = TRUE;
      return TRUE;
    }

  const char *colon = strchr (body, ':');
  g_autofree char *head = colon != NULL ? g_strndup (body, (gsize) (colon - body)) : NULL;

  if (head != NULL && colon[1] != '\0'
      && (g_str_equal (head, "text") || g_str_equal (head, "labels")))
    {
      *value = g_str_equal (head, "text") ? VALUE_TEXT : VALUE_LABELS;
      *stage = g_strstrip (g_strdup (colon + 1));
      add_reference (self, *stage);
      return TRUE;
    }

  const char *nearest = mer_nearest_name (head != NULL ? head : body, bare);
  g_autofree char *all = g_strjoinv ("}}, {{", (char **) tag_names);

  if (nearest != NULL && !g_str_equal (nearest, "subtitle"))
    g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE,
                 "%s:%u: unknown tag {{%s}}; did you mean {{%s:STAGE}}?", self->name, line,
                 body, nearest);
  else if (nearest != NULL)
    g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE,
                 "%s:%u: unknown tag {{%s}}; did you mean {{subtitle}}?", self->name, line,
                 body);
  else
    g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE,
                 "%s:%u: unknown tag {{%s}}; there are {{%s}} and sections of them",
                 self->name, line, body, all);
  return FALSE;
}

static gboolean
close_section (MerPrompt *self, GArray *open, ValueKind value, const char *stage,
               guint line, GError **error)
{
  if (open->len == 0)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE,
                   "%s:%u: this closes a section that was never opened", self->name, line);
      return FALSE;
    }

  guint index = g_array_index (open, guint, open->len - 1);
  Part *section = &g_array_index (self->parts, Part, index);

  if (section->value != value || !g_str_equal (section->text, stage))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE,
                   "%s:%u: this closes another section than the one opened in line %u",
                   self->name, line, section->line);
      return FALSE;
    }
  section->close = self->parts->len;
  g_array_set_size (open, open->len - 1);
  return TRUE;
}

static gboolean
parse_tag (MerPrompt *self, GArray *open, const char *body, guint line, GError **error)
{
  const gboolean is_section = *body != '\0' && strchr ("#^/", *body) != NULL;
  g_autofree char *name = g_strstrip (g_strdup (body + is_section));
  g_autofree char *stage = NULL;
  ValueKind value = VALUE_SUBTITLE;
  PartKind kind = PART_VALUE;

  if (!parse_value (self, name, line, &value, &stage, error))
    return FALSE;
  if (*body == '/' && !close_section (self, open, value, stage, line, error))
    return FALSE;
  if (is_section)
    kind = *body == '#' ? PART_OPEN : *body == '^' ? PART_INVERSE : PART_CLOSE;
  if (kind == PART_OPEN || kind == PART_INVERSE)
    g_array_append_val (open, self->parts->len);
  add_part (self, kind, value, g_steal_pointer (&stage), line);
  return TRUE;
}

/* whether a section's tag has its line for itself; then @from and @to take the whole line
 */
static void
widen_to_line (const char *text, const char **from, const char **to)
{
  const char *begin = *from, *end = *to;

  while (begin > text && (begin[-1] == ' ' || begin[-1] == '\t'))
    begin--;
  while (*end == ' ' || *end == '\t')
    end++;
  if ((begin > text && begin[-1] != '\n') || (*end != '\n' && *end != '\0'))
    return;
  *from = begin;
  *to = *end == '\n' ? end + 1 : end;
}

static guint
count_lines (const char *from, const char *to)
{
  guint lines = 0;

  for (; from < to; from++)
    lines += *from == '\n';
  return lines;
}

static void
add_literal (MerPrompt *self, const char *from, const char *to, guint line)
{
  if (to > from)
    add_part (self, PART_LITERAL, VALUE_SUBTITLE, g_strndup (from, (gsize) (to - from)),
              line);
}

static gboolean
parse_parts (MerPrompt *self, GArray *open, GError **error)
{
  const char *literal = self->text;
  guint line = 1;

  for (const char *tag = strstr (literal, "{{"); tag != NULL; tag = strstr (literal, "{{"))
    {
      const char *from = tag, *to = NULL;

      line += count_lines (literal, tag);
      if (g_str_has_prefix (tag, "{{{{"))
        {
          add_literal (self, literal, tag + 2, line);
          literal = tag + 4;
          continue;
        }
      to = strstr (tag, "}}");
      if (to == NULL)
        {
          g_set_error (
              error, MER_ERROR, MER_ERROR_INVALID_FILE,
              "%s:%u: this tag is never closed; two literal braces are written {{{{",
              self->name, line);
          return FALSE;
        }

      g_autofree char *body = g_strstrip (g_strndup (tag + 2, (gsize) (to - tag - 2)));
      const guint in_tag = count_lines (tag, to);

      to += 2;
      if (strchr ("#^/", *body) != NULL && *body != '\0')
        widen_to_line (self->text, &from, &to);
      add_literal (self, literal, MAX (from, literal), line);
      if (!parse_tag (self, open, body, line, error))
        return FALSE;
      line += in_tag + count_lines (MAX (tag, to - 1), to);
      literal = to;
    }
  add_literal (self, literal, literal + strlen (literal), line);
  return TRUE;
}

/**
 * mer_prompt_parse:
 * @name: what errors call it: a file's path
 * @text: the prompt with its tags; need not end with NUL
 * @length: its size in bytes, -1 if it ends with NUL
 * @error: return location for an error that names the line
 *
 * White space at its end is cut off: editors put a newline there.
 *
 * Returns: (transfer full) (nullable): the prompt
 */
MerPrompt *
mer_prompt_parse (const char *name, const char *text, gssize length, GError **error)
{
  const gsize size = length < 0 ? strlen (text) : (gsize) length;
  g_autoptr (GArray) open = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (MerPrompt) self = g_new0 (MerPrompt, 1);

  g_atomic_ref_count_init (&self->refs);
  self->name = g_strdup (name);
  self->parts = g_array_new (FALSE, TRUE, sizeof (Part));
  g_array_set_clear_func (self->parts, clear_part);
  self->references = g_ptr_array_new_with_free_func (g_free);
  if (size > MER_PROMPT_MAX_BYTES || !g_utf8_validate_len (text, size, NULL))
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE, "%s: %s", name,
                   size > MER_PROMPT_MAX_BYTES ? "larger than 1 MiB"
                                               : "not a text in UTF-8");
      return NULL;
    }
  self->text = g_strchomp (g_strndup (text, size));
  if (*self->text == '\0')
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE, "%s: empty", name);
      return NULL;
    }
  if (!parse_parts (self, open, error))
    return NULL;
  if (open->len > 0)
    {
      const Part *section
          = &g_array_index (self->parts, Part, g_array_index (open, guint, open->len - 1));

      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE,
                   "%s:%u: this section is never closed", name, section->line);
      return NULL;
    }
  g_ptr_array_add (self->references, NULL);
  return g_steal_pointer (&self);
}

/**
 * mer_prompt_open:
 * @name: a prompt's name or path, as [func@lookup_file] reads it
 * @relative_to: (nullable): the file that names it
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the prompt
 */
MerPrompt *
mer_prompt_open (const char *name, const char *relative_to, GError **error)
{
  static const char *const extensions[] = { ".txt", ".md", NULL };
  g_autofree char *path = mer_lookup_file ("prompts", name, extensions, relative_to, error);
  g_autoptr (GError) problem = NULL;
  g_autoptr (GFile) file = path != NULL ? g_file_new_for_path (path) : NULL;
  g_autoptr (GFileInputStream) stream = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (path == NULL)
    return NULL;
  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    stream = g_file_read (file, NULL, &problem);
  if (stream != NULL)
    bytes = g_input_stream_read_bytes (G_INPUT_STREAM (stream), MER_PROMPT_MAX_BYTES + 1,
                                       NULL, &problem);
  if (bytes == NULL)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_INVALID_FILE, "%s: cannot be read: %s", path,
                   problem != NULL ? problem->message : "not a file");
      return NULL;
    }
  return mer_prompt_parse (path, g_bytes_get_data (bytes, NULL),
                           (gssize) g_bytes_get_size (bytes), error);
}

MerPrompt *
mer_prompt_ref (MerPrompt *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
mer_prompt_unref (MerPrompt *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_free (self->name);
  g_free (self->text);
  g_clear_pointer (&self->parts, g_array_unref);
  g_clear_pointer (&self->references, g_ptr_array_unref);
  g_free (self);
}

/**
 * mer_prompt_get_name:
 * @self: a prompt
 *
 * Returns: the path it was read from
 */
const char *
mer_prompt_get_name (MerPrompt *self)
{
  return self->name;
}

/**
 * mer_prompt_get_text:
 * @self: a prompt
 *
 * Returns: the prompt with its tags, which is what a run's identity holds
 */
const char *
mer_prompt_get_text (MerPrompt *self)
{
  return self->text;
}

/**
 * mer_prompt_get_references:
 * @self: a prompt
 *
 * Returns: (array zero-terminated=1): the stages it reads, each once, in its order
 */
const char *const *
mer_prompt_get_references (MerPrompt *self)
{
  return (const char *const *) self->references->pdata;
}

/**
 * mer_prompt_uses_subtitle:
 * @self: a prompt
 *
 * Returns: whether the subtitle has its place in it
 */
gboolean
mer_prompt_uses_subtitle (MerPrompt *self)
{
  return self->uses_subtitle;
}

static char *
join_labels (MerLabels *labels)
{
  GString *joined = g_string_new (NULL);

  for (guint i = 0; i < mer_labels_get_length (labels); i++)
    g_string_append_printf (joined, "%s%s", i > 0 ? ", " : "", mer_labels_get (labels, i));
  return g_string_free (joined, FALSE);
}

/* what a tag stands for; %NULL where the stage has no answer */
static char *
part_value (const Part *part, MerSample *sample, const char *subtitle)
{
  if (part->value == VALUE_SUBTITLE)
    return g_strdup (subtitle);

  MerResult *result = mer_sample_find_result (sample, part->text);

  if (result == NULL || mer_result_get_outcome (result) != MER_OUTCOME_ANSWERED)
    return NULL;
  if (part->value == VALUE_TEXT)
    return g_strdup (mer_result_get_text (result));

  MerLabels *labels = mer_result_get_labels (result);

  return labels != NULL ? join_labels (labels) : NULL;
}

/**
 * mer_prompt_expand:
 * @self: a prompt
 * @sample: the sample whose subtitle and results fill it
 * @show_subtitle: whether the stage is shown text; else the subtitle is as if there were
 * none
 * @missing_stage: (out) (optional) (transfer full): set where %NULL is returned without an
 *   error: the stage that has no answer to put where the prompt wants one
 * @error: return location for an error
 *
 * A single pass: what comes from the sample stands as it is.
 *
 * Returns: (transfer full) (nullable): what the model is told
 */
char *
mer_prompt_expand (MerPrompt *self, MerSample *sample, gboolean show_subtitle,
                   char **missing_stage, GError **error)
{
  g_autofree char *subtitle = show_subtitle ? mer_sample_dup_text (sample) : NULL;
  g_autoptr (GString) out = g_string_new (NULL);

  if (missing_stage != NULL)
    *missing_stage = NULL;
  for (guint i = 0; i < self->parts->len; i++)
    {
      const Part *part = &g_array_index (self->parts, Part, i);

      if (part->kind == PART_LITERAL)
        g_string_append (out, part->text);
      if (part->kind == PART_LITERAL || part->kind == PART_CLOSE)
        continue;

      g_autofree char *value = part_value (part, sample, subtitle);
      const gboolean there = value != NULL && *value != '\0';

      if (part->kind == PART_VALUE && value == NULL && part->value != VALUE_SUBTITLE)
        {
          if (missing_stage != NULL)
            *missing_stage = g_strdup (part->text);
          return NULL;
        }
      if (part->kind == PART_VALUE && there)
        g_string_append (out, value);
      else if ((part->kind == PART_OPEN && !there) || (part->kind == PART_INVERSE && there))
        i = part->close;
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}
