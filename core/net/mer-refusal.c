/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pure: which member of a request a server's error is about */
#include "net/mer-refusal.h"

#include <string.h>

typedef struct
{
  const char *text; /* part of the message, or the whole code or type */
  MerRefusal kind;
  gboolean last; /* of several members that are named, the last is the one to lose */
} Sign;

static const Sign signs[] = {
  /* OpenAI, and all who copy its codes */
  { "unsupported_parameter", MER_REFUSAL_NAME, FALSE },
  { "unknown_parameter", MER_REFUSAL_NAME, FALSE },
  { "unsupported parameter", MER_REFUSAL_NAME, FALSE },
  { "unrecognized request argument", MER_REFUSAL_NAME, FALSE },
  { "unknown parameter", MER_REFUSAL_NAME, FALSE },
  { "unsupported_value", MER_REFUSAL_VALUE, FALSE },
  { "unsupported value", MER_REFUSAL_VALUE, FALSE },
  /* Anthropic, FastAPI */
  { "extra inputs are not permitted", MER_REFUSAL_NAME, FALSE },
  { "extra_forbidden", MER_REFUSAL_NAME, FALSE },
  { "is deprecated for this model", MER_REFUSAL_VALUE, FALSE },
  { "cannot both be specified", MER_REFUSAL_VALUE, TRUE },
  /* Google, and servers whose JSON readers are strict */
  { "unknown name", MER_REFUSAL_NAME, FALSE },
  { "unknown field", MER_REFUSAL_NAME, FALSE },
  { "unexpected keyword argument", MER_REFUSAL_NAME, FALSE },
  { "additional properties are not allowed", MER_REFUSAL_NAME, FALSE },
  { "is unsupported", MER_REFUSAL_NAME, FALSE },
  /* Moonshot, Zhipu, and what others say in passing */
  { "is allowed for this model", MER_REFUSAL_VALUE, FALSE },
  { "参数非法", MER_REFUSAL_VALUE, FALSE },
  { "is not supported", MER_REFUSAL_VALUE, FALSE },
  { "not supported by this model", MER_REFUSAL_VALUE, FALSE },
  { "does not support", MER_REFUSAL_VALUE, FALSE },
};

static const char *const stream_signs[] = {
  "only support stream mode",
  "for non-streaming calls",
  "does not support http call",
  "stream must be true",
};

/* a member's name may be an everyday word, such as stop: without quotes it counts only
 * after one of these */
static const char *const naming_words[]
    = { "parameter", "parameter:", "parameters:", "argument",   "arguments", "supplied:",
        "field",     "field:",     "invalid",     "property",   "value",     "name",
        "name:",     "member",     "option",      "unsupported" };

static gboolean
contains (const char *text, const char *part)
{
  gsize length = strlen (part);

  for (; text != NULL && *text != '\0'; text++)
    if (g_ascii_strncasecmp (text, part, length) == 0)
      return TRUE;
  return FALSE;
}

static const Sign *
find_sign (const MerReplyError *error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (signs); i++)
    if (g_strcmp0 (error->code, signs[i].text) == 0
        || g_strcmp0 (error->type, signs[i].text) == 0
        || contains (error->message, signs[i].text))
      return &signs[i];
  return NULL;
}

/**
 * mer_refusal_wants_stream:
 * @error: what a server said
 *
 * Returns: whether it answers only where the answer is streamed
 */
gboolean
mer_refusal_wants_stream (const MerReplyError *error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (stream_signs); i++)
    if (contains (error->message, stream_signs[i]))
      return TRUE;
  return FALSE;
}

/**
 * mer_refusal_find_parent:
 * @request: a request
 * @path: a member's names from the root, joined by dots
 * @name: (out): the last of them
 *
 * Returns: (transfer none) (nullable): the object that holds the member, where it does
 */
JsonObject *
mer_refusal_find_parent (JsonNode *request, const char *path, const char **name)
{
  const char *dot = NULL;
  JsonNode *node = request;

  for (; (dot = strchr (path, '.')) != NULL; path = dot + 1)
    {
      g_autofree char *step = g_strndup (path, (gsize) (dot - path));

      if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
        return NULL;
      node = json_object_get_member (json_node_get_object (node), step);
    }
  *name = path;
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node)
      || !json_object_has_member (json_node_get_object (node), path))
    return NULL;
  return json_node_get_object (node);
}

/* Google answers in snake_case what it was asked in camelCase */
static gboolean
is_same_name (const char *name, const char *text, gsize length)
{
  const char *end = text + length;

  for (;;)
    {
      while (*name == '_')
        name++;
      while (text < end && *text == '_')
        text++;
      if (*name == '\0' || text == end)
        return *name == '\0' && text == end;
      if (g_ascii_tolower (*name++) != g_ascii_tolower (*text++))
        return FALSE;
    }
}

/* the member of @members that stands in the request under this name */
static const char *
match_name (const char *name, gsize length, JsonNode *request, const char *const *members)
{
  for (gsize i = 0; members != NULL && members[i] != NULL; i++)
    {
      const char *dot = strrchr (members[i], '.');
      const char *leaf = NULL;

      if (is_same_name (dot != NULL ? dot + 1 : members[i], name, length)
          && mer_refusal_find_parent (request, members[i], &leaf) != NULL)
        return members[i];
    }
  return NULL;
}

/* a path such as `body.temperature`, of which any step may be the member, the last first */
static const char *
match_path (const char *path, gsize length, JsonNode *request, const char *const *members)
{
  const char *member = NULL;
  gsize end = length;

  while (member == NULL && end > 0)
    {
      gsize start = end;

      while (start > 0 && strchr (".[]", path[start - 1]) == NULL)
        start--;
      if (start < end)
        member = match_name (path + start, end - start, request, members);
      end = start > 0 ? start - 1 : 0;
    }
  return member;
}

static gboolean
is_path_char (char c)
{
  return g_ascii_isalnum (c) || strchr ("_.[]", c) != NULL;
}

static gboolean
follows_naming_word (const char *message, const char *at)
{
  const char *end = at;

  while (end > message && end[-1] == ' ')
    end--;

  const char *start = end;
  while (start > message && start[-1] != ' ')
    start--;
  for (gsize i = 0; i < G_N_ELEMENTS (naming_words); i++)
    if (strlen (naming_words[i]) == (gsize) (end - start)
        && g_ascii_strncasecmp (naming_words[i], start, (gsize) (end - start)) == 0)
      return TRUE;
  return FALSE;
}

/* whether these letters are a name and no word of the sentence */
static gboolean
is_named (const char *message, const char *at, gsize length)
{
  const char *after = at + length;
  char before = at > message ? at[-1] : '\0';

  if (before != '\0' && strchr ("'`\"", before) != NULL && *after == before)
    return TRUE;
  if (memchr (at, '_', length) != NULL)
    return TRUE;
  if (before == '\0' && (*after == ':' || g_str_has_prefix (after, " is ")))
    return TRUE;
  return follows_naming_word (message, at) || g_str_has_prefix (after, "参数")
         || g_str_has_prefix (after, " 参数");
}

static const char *
match_message (const char *message, gboolean last, JsonNode *request,
               const char *const *members)
{
  const char *found = NULL;
  const char *at = message;

  while (at != NULL && *at != '\0' && (found == NULL || last))
    {
      gsize length = 0;

      while (*at != '\0' && !is_path_char (*at))
        at++;
      while (at[length] != '\0' && is_path_char (at[length]))
        length++;

      gsize name = length;
      while (name > 0 && at[name - 1] == '.')
        name--;

      const char *member = name > 0 && is_named (message, at, name)
                               ? match_path (at, name, request, members)
                               : NULL;
      found = member != NULL ? member : found;
      at += length;
    }
  return found;
}

/**
 * mer_refusal_find:
 * @error: what a server said
 * @request: what it said that of
 * @members: (array zero-terminated=1) (nullable): names of members that may be at fault,
 *   as paths joined by dots
 * @member: (out) (nullable): the one of @members that the error names, which stands in
 *   @request
 *
 * Knows how OpenAI, Anthropic, Google, vLLM, SGLang, Moonshot and Zhipu name a member that
 * they refuse. An error that names none, or another, is not about a member.
 *
 * Returns: what the server has against it
 */
MerRefusal
mer_refusal_find (const MerReplyError *error, JsonNode *request, const char *const *members,
                  const char **member)
{
  const Sign *sign = find_sign (error);

  *member = NULL;
  if (sign == NULL)
    return MER_REFUSAL_NONE;
  if (error->param != NULL)
    *member = match_path (error->param, strlen (error->param), request, members);
  if (*member == NULL)
    *member = match_message (error->message, sign->last, request, members);
  return *member != NULL ? sign->kind : MER_REFUSAL_NONE;
}
