/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/mer-element-error.h"

/**
 * mer_element_post_error:
 * @element: whose error it is
 * @error: what ends the graph
 *
 * Posts an ERROR with @error's text under the code that says whose fault it is: a full disk
 * is `RESOURCE/NO_SPACE_LEFT`, what broke while running `RESOURCE/FAILED`, and bad settings
 * or files `LIBRARY/SETTINGS`. `mer run` ends with 3 for the first two, with 2 for the
 * last. May be called from any thread.
 */
void
mer_element_post_error (GstElement *element, const GError *error)
{
  int code = error->domain == MER_ERROR ? error->code : MER_ERROR_FAILED;

  switch (code)
    {
    case MER_ERROR_NO_SPACE:
      GST_ELEMENT_ERROR (element, RESOURCE, NO_SPACE_LEFT, ("%s", error->message), (NULL));
      break;
    case MER_ERROR_FAILED:
    case MER_ERROR_TIMED_OUT:
    case MER_ERROR_API:
    case MER_ERROR_STOPPED:
      GST_ELEMENT_ERROR (element, RESOURCE, FAILED, ("%s", error->message), (NULL));
      break;
    default:
      GST_ELEMENT_ERROR (element, LIBRARY, SETTINGS, ("%s", error->message), (NULL));
    }
}
