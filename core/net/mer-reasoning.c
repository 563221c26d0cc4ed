/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* takes the thinking out of an answer whose server did not */
#include "net/mer-reply.h"

#include <string.h>

typedef struct
{
  const char *open;
  const char *close;
} Tags;

static const Tags thinking_tags[] = {
  { "<think>", "</think>" },
  { "<thinking>", "</thinking>" },
  { "<thought>", "</thought>" },
  { "[THINK]", "[/THINK]" },
  { "<|channel|>analysis<|message|>", "<|channel|>final<|message|>" },
  { "<|channel>thought", "<channel|>" },
};

static const char *
find_tag (const char *text, const char *tag)
{
  gsize length = strlen (tag);

  for (const char *at = strchr (text, tag[0]); at != NULL; at = strchr (at + 1, tag[0]))
    if (g_ascii_strncasecmp (at, tag, length) == 0)
      return at;
  return NULL;
}

static const char *
find_last_tag (const char *text, const char *tag)
{
  const char *last = NULL;

  for (const char *at = find_tag (text, tag); at != NULL; at = find_tag (at + 1, tag))
    last = at;
  return last;
}

static char *
dup_stripped (const char *text, gssize length)
{
  char *copy = length < 0 ? g_strdup (text) : g_strndup (text, (gsize) length);

  return g_strstrip (copy);
}

/* bytes of the markup that @text begins with */
static gsize
markup_length (const char *text)
{
  static const char *const markup[]
      = { "<|begin_of_box|>", "<|end_of_box|>", "<|end|>",
          "<|return|>",       "<|im_end|>",     "<|eot_id|>" };

  for (gsize i = 0; i < G_N_ELEMENTS (markup); i++)
    if (g_str_has_prefix (text, markup[i]))
      return strlen (markup[i]);
  return 0;
}

/* some open models leave the markup around the answer itself, broken ones repeat it without
 * end: each byte is moved once */
static void
strip_answer_markup (char *answer)
{
  char *to = answer;

  for (const char *at = answer; *at != '\0';)
    {
      gsize length = *at == '<' ? markup_length (at) : 0;

      if (length > 0)
        at += length;
      else
        *to++ = *at++;
    }
  *to = '\0';
  g_strstrip (answer);
}

/**
 * mer_reply_split_reasoning:
 * @content: a model's whole text
 * @answer: (out): what follows the thinking; empty where the thinking never ended
 * @reasoning: (out) (nullable): the thinking, %NULL where there is none
 *
 * Keeps reasoning apart from the answer. The opening tag may be missing, because a chat
 * template put it into the prompt: what follows the last closing tag is the answer. Tags
 * in the middle of an answer that does not begin with one are left alone only where no
 * closing tag follows.
 */
void
mer_reply_split_reasoning (const char *content, char **answer, char **reasoning)
{
  for (gsize i = 0; i < G_N_ELEMENTS (thinking_tags); i++)
    {
      const Tags *tags = &thinking_tags[i];
      const char *close = find_last_tag (content, tags->close);
      const char *open = find_tag (content, tags->open);
      const char *start = content + strspn (content, " \t\r\n");
      const char *body = open == start ? open + strlen (tags->open) : content;

      /* opened again after it was closed, and cut there: no answer came */
      const char *reopened = close != NULL ? find_tag (close, tags->open) : open;
      if (close != NULL && reopened == NULL)
        {
          *reasoning = dup_stripped (body, close - body);
          *answer = dup_stripped (close + strlen (tags->close), -1);
          strip_answer_markup (*answer);
          return;
        }
      if (reopened != NULL && (open == start || close != NULL))
        {
          *reasoning = dup_stripped (body, -1);
          *answer = g_strdup ("");
          return;
        }
    }
  *reasoning = NULL;
  *answer = g_strdup (content);
  strip_answer_markup (*answer);
}
