/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* prompts: any text is read or refused, and expands without being read twice */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "config/mer-prompt.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MerPrompt) prompt
      = mer_prompt_parse ("p.txt", (const char *) data, (gssize) size, &error);
  g_autoptr (MerSample) sample = NULL;
  g_autofree char *missing = NULL;
  g_autofree char *text = NULL;

  if (prompt == NULL)
    {
      if (error == NULL)
        abort ();
      return 0;
    }
  if (!gst_is_initialized ())
    gst_init (NULL, NULL);
  sample = mer_sample_new ("a", 0);
  mer_sample_set_subtitle (sample, "{{text:a}}");
  text = mer_prompt_expand (prompt, sample, TRUE, &missing, &error);
  if ((text == NULL) != (missing != NULL) || error != NULL)
    abort ();
  return 0;
}
