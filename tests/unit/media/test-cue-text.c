/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <string.h>

#include "media/mer-cue-file.h"
#include "media/mer-cue-text.h"
#include "sample/mer-media.h"

static void
test_clean (void **state)
{
  static const struct
  {
    MerCueFormat format;
    const char *text;
    const char *clean;
  } cases[] = {
    { MER_CUE_SRT, "He said <i>no</i> & left <3\r\n", "He said no & left <3" },
    { MER_CUE_SRT, "<font color=\"#ff0000\">Red</font> and <B>bold</B>", "Red and bold" },
    { MER_CUE_SRT, "{\\an8}Up there", "Up there" },
    { MER_CUE_SRT, "{y:i}slanted", "slanted" },
    { MER_CUE_SRT, "a set {1, 2} stays", "a set {1, 2} stays" },
    { MER_CUE_SRT, "one<br/>two\nthree", "one two three" },
    { MER_CUE_SRT, "x < y > z", "x < y > z" },
    { MER_CUE_SRT, "<laughs> stays", "<laughs> stays" },
    { MER_CUE_SRT, "&amp;lt; &#233;&#xe9;&nbsp;&bogus; &#0;", "&lt; éé &bogus;" },
    { MER_CUE_SRT, "  \t a \x01 b \xe2\x80\x8b c\xef\xbb\xbf ", "a b c" },
    { MER_CUE_SRT, "<i>", "" },
    { MER_CUE_SRT, "<", "<" },
    { MER_CUE_SRT, "AT&T", "AT&T" },
    { MER_CUE_VTT, "<v Roger Bingham>We are <c.loud.red>here</c></v>", "We are here" },
    { MER_CUE_VTT, "now <00:00:01.000>then", "now then" },
    { MER_CUE_VTT, "{no braces} here", "{no braces} here" },
    { MER_CUE_ASS, "{\\i1}Hey\\Nyou\\hthere{\\i0}", "Hey you there" },
    { MER_CUE_ASS, "{\\p1}m 0 0 l 100 0{\\p0}text", "text" },
    { MER_CUE_ASS, "a <b> stays & so", "a <b> stays & so" },
    { MER_CUE_SRT, "caf\xe9 \x93quoted\x94", "café “quoted”" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *clean = mer_cue_text_clean (cases[i].text, -1, cases[i].format);

      assert_string_equal (clean, cases[i].clean);
    }
}

static void
test_encodings (void **state)
{
  static const struct
  {
    const char *bytes;
    gsize length;
    const char *text;
  } cases[] = {
    { "\xef\xbb\xbf"
      "a\xc3\xa9",
      6, "aé" },
    { "\xff\xfe"
      "a\0\xe9\0",
      6, "aé" },
    { "\xfe\xff"
      "\0a\0\xe9",
      6, "aé" },
    { "\xff\xfe\x3d\xd8\x00\xde", 6, "😀" },
    { "\xff\xfe\x00\xd8", 4, "\xef\xbf\xbd" },
    { "na\xefve \x80", 7, "naïve €" },
    { "\xe4\xbd\xa0", 3, "你" },
    { "", 0, "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = mer_cue_text_to_utf8 (cases[i].bytes, cases[i].length);

      assert_string_equal (text, cases[i].text);
    }
}

static void
assert_cue (GArray *cues, guint i, guint64 start_ms, guint64 end_ms, const char *text)
{
  assert_true (i < cues->len);

  const MerCue *cue = &g_array_index (cues, MerCue, i);
  assert_int_equal (cue->start / 1000000, start_ms);
  assert_int_equal (cue->end / 1000000, end_ms);
  assert_string_equal (cue->text, text);
}

static GArray *
parse (const char *text)
{
  return mer_cue_file_parse (text, strlen (text));
}

static void
test_files (void **state)
{
  g_autoptr (GArray) srt
      = parse ("2\r\n00:00:03,500 --> 00:00:04,000 X1:1\r\nsecond\r\n\r\n"
               "1\r\n0:00:01.25-->0:00:02,5\r\nfirst\r\nline\r\n"
               "3\r\n1:00:00,000 --> 1:00:01,000\r\nthird");
  assert_int_equal (srt->len, 3);
  assert_cue (srt, 0, 1250, 2500, "first line");
  assert_cue (srt, 1, 3500, 4000, "second");
  assert_cue (srt, 2, 3600000, 3601000, "third");

  g_autoptr (GArray) vtt
      = parse ("WEBVTT - x\n\nNOTE nothing\n\nSTYLE\n::cue {}\n\nid\n"
               "00:01.000 --> 00:02.000 align:start\n<v A>hi &amp; ho\n");
  assert_int_equal (vtt->len, 1);
  assert_cue (vtt, 0, 1000, 2000, "hi & ho");

  g_autoptr (GArray) ass
      = parse ("[Script Info]\nTitle: x\n[Events]\nFormat: Start, End, Style, Text\n"
               "Dialogue: 0:00:01.00,0:00:02.50,D,{\\b1}a, b\\Nc\n"
               "Dialogue: 0:00:01.00,0:00:02.50,Shadow,a, b\\Nc\n"
               "Comment: 0:00:01.00,0:00:02.50,D,not shown\n");
  assert_int_equal (ass->len, 1);
  assert_cue (ass, 0, 1000, 2500, "a, b c");

  g_autoptr (GArray) none = parse ("just text\n--> \n1 --> 2\n");
  assert_int_equal (none->len, 0);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_clean),
    cmocka_unit_test (test_encodings),
    cmocka_unit_test (test_files),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
