/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* subtitle text of any bytes becomes clean text: valid UTF-8, one line, bounded */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "media/mer-cue-file.h"
#include "media/mer-cue-text.h"
#include "sample/mer-media.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check (const char *text)
{
  if (!g_utf8_validate (text, -1, NULL) || strpbrk (text, "\n\r\t\x01\x1f") != NULL
      || strlen (text) > MER_CUE_MAX_TEXT + 8)
    abort ();
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  for (int format = MER_CUE_SRT; format <= MER_CUE_ASS; format++)
    {
      g_autofree char *clean
          = mer_cue_text_clean ((const char *) data, (gssize) size, (MerCueFormat) format);

      check (clean);
    }

  g_autoptr (GArray) cues = mer_cue_file_parse ((const char *) data, size);
  for (guint i = 0; i < cues->len; i++)
    {
      const MerCue *cue = &g_array_index (cues, MerCue, i);

      check (cue->text);
      if (cue->end < cue->start || *cue->text == '\0')
        abort ();
    }
  return 0;
}
