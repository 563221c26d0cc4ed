/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/mer-wants.h"

#define QUERY_NAME "mer-wants"

/**
 * mer_wants_query_new:
 *
 * Returns: (transfer full): a query to be sent downstream, which is not serialized: it
 * passes samples that wait
 */
GstQuery *
mer_wants_query_new (void)
{
  return gst_query_new_custom (GST_QUERY_CUSTOM, gst_structure_new_empty (QUERY_NAME));
}

gboolean
mer_wants_query_is (GstQuery *query)
{
  return GST_QUERY_TYPE (query) == GST_QUERY_CUSTOM
         && gst_structure_has_name (gst_query_get_structure (query), QUERY_NAME);
}

/**
 * mer_wants_query_add:
 * @query: from [func@wants_query_new]
 * @want: one of the MER_WANT_ names
 *
 * Says that the element that answers wants this.
 */
void
mer_wants_query_add (GstQuery *query, const char *want)
{
  gst_structure_set (gst_query_writable_structure (query), want, G_TYPE_BOOLEAN, TRUE,
                     NULL);
}

/**
 * mer_wants_query_has:
 * @query: an answered query
 * @want: one of the MER_WANT_ names
 *
 * Returns: whether anybody wants this
 */
gboolean
mer_wants_query_has (GstQuery *query, const char *want)
{
  gboolean wanted = FALSE;

  return gst_structure_get_boolean (gst_query_get_structure (query), want, &wanted)
         && wanted;
}
