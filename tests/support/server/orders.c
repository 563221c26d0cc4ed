/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "server.h"

#include <string.h>

typedef struct
{
  char *name;
  int left; /* requests it still applies to; -1: all */
  int skip; /* requests before the first */
} Order;

static GMutex lock;
static GPtrArray *orders;

/* what happens to batches and uploads, in protocols that have them */
static const char *const scoped[] = { "batch-shuffled",  "batch-errors",
                                      "batch-expired",   "batch-failed",
                                      "batch-missing",   "batch-twice",
                                      "batch-cancelled", "batch-half-line",
                                      "batch-limit",     "file-failed",
                                      "file-slow",       "file-gone",
                                      "place-elsewhere", NULL };

/* a fault of requests beside the calls: of uploads, batches and lists */
#define ASIDE "aside/"

static const char *
strip (const char *name)
{
  return g_str_has_prefix (name, ASIDE) ? name + strlen (ASIDE) : name;
}

gboolean
orders_add (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", 3);
  Order *order = g_new0 (Order, 1);

  if (orders == NULL)
    orders = g_ptr_array_new ();
  order->name = g_strdup (parts[0]);
  order->left = parts[0] != NULL && parts[1] != NULL ? atoi (parts[1]) : -1;
  order->skip = order->left >= 0 && parts[2] != NULL ? atoi (parts[2]) : 0;
  g_ptr_array_add (orders, order);
  return parts[0] != NULL;
}

static gboolean
is_of_scope (const char *name, const char *scope)
{
  if (g_str_has_prefix (name, ASIDE))
    return g_str_equal (scope, "aside");
  if (!g_strv_contains (scoped, name))
    return g_str_equal (scope, "call");
  return g_str_has_prefix (name, scope);
}

const char *
orders_take (const char *scope)
{
  const char *name = NULL;

  g_mutex_lock (&lock);
  for (guint i = 0; orders != NULL && name == NULL && i < orders->len; i++)
    {
      Order *order = g_ptr_array_index (orders, i);

      if (order->left == 0 || !is_of_scope (order->name, scope))
        continue;
      if (order->skip > 0)
        {
          order->skip--;
          break;
        }
      if (order->left > 0)
        order->left--;
      name = strip (order->name);
    }
  g_mutex_unlock (&lock);
  return name;
}

static void
add_name (GPtrArray *names, const char *name)
{
  for (guint i = 0; i < names->len; i++)
    if (g_str_equal (g_ptr_array_index (names, i), name))
      return;
  g_ptr_array_add (names, (char *) name);
}

static GPtrArray *
list_names (const Protocol *protocol)
{
  GPtrArray *names = g_ptr_array_new ();
  const char *name = NULL;

  for (guint i = 0; (name = fault_get_name (i)) != NULL; i++)
    add_name (names, name);
  for (guint i = 0; protocol->faults != NULL && protocol->faults[i].name != NULL; i++)
    add_name (names, protocol->faults[i].name);
  for (guint i = 0;
       protocol->member_faults != NULL && protocol->member_faults[i].name != NULL; i++)
    add_name (names, protocol->member_faults[i].name);
  for (guint i = 0; (name = play_get_name (i)) != NULL; i++)
    add_name (names, name);
  for (guint i = 0; protocol->stream != NULL && (name = stream_get_fault (i)) != NULL; i++)
    add_name (names, name);
  for (guint i = 0; scoped[i] != NULL; i++)
    if (g_str_has_prefix (scoped[i], "batch") ? protocol->has_batches : protocol->has_files)
      add_name (names, scoped[i]);
  return names;
}

const char *
orders_find_unknown (const Protocol *protocol)
{
  g_autoptr (GPtrArray) names = list_names (protocol);

  for (guint i = 0; orders != NULL && i < orders->len; i++)
    {
      Order *order = g_ptr_array_index (orders, i);

      if (!g_ptr_array_find_with_equal_func (names, strip (order->name), g_str_equal, NULL))
        return order->name;
    }
  return NULL;
}

char *
orders_list (const Protocol *protocol)
{
  g_autoptr (GPtrArray) names = list_names (protocol);

  g_ptr_array_add (names, NULL);
  return g_strjoinv (" ", (char **) names->pdata);
}
