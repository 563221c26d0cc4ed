/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* a line that somebody else wrote is a sample or an error; a sample's line reads back the
 * same */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sample/mer-record.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MerSample) sample
      = mer_record_parse_line ("fuzz", 1, (const char *) data, (gssize) size, &error);

  if ((sample == NULL) != (error != NULL))
    abort ();
  if (sample == NULL)
    return 0;

  g_autofree char *once = mer_record_to_line (sample);
  g_autoptr (MerSample) again = mer_record_parse_line ("again", 1, once, -1, &error);

  if (again == NULL || strchr (once, '\n') != NULL)
    {
      g_printerr ("%s\n%s\n", once, error != NULL ? error->message : "");
      abort ();
    }

  g_autofree char *twice = mer_record_to_line (again);

  if (strcmp (once, twice) != 0)
    {
      g_printerr ("%s\n%s\n", once, twice);
      abort ();
    }
  return 0;
}
