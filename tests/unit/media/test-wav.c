/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <string.h>

#include "media/mer-wav.h"

static void
test_round_trip (void **state)
{
  static const guint8 samples[] = { 0x00, 0x00, 0xff, 0x7f, 0x00, 0x80, 0x34, 0x12 };
  static const guint8 header[MER_WAV_HEADER_SIZE]
      = "RIFF\x2c\0\0\0WAVEfmt "
        "\x10\0\0\0\1\0\1\0\x80\x3e\0\0\0\x7d\0\0\2\0\x10\0data\x8\0\0";
  GByteArray *array = mer_wav_begin ();
  gsize n = 0;
  guint rate = 0;

  g_byte_array_append (array, samples, sizeof samples);
  g_autoptr (GBytes) wav = mer_wav_finish (array, 16000);
  assert_int_equal (g_bytes_get_size (wav), MER_WAV_HEADER_SIZE + sizeof samples);
  assert_memory_equal (g_bytes_get_data (wav, NULL), header, MER_WAV_HEADER_SIZE);

  g_autofree gint16 *read = mer_wav_get_samples (wav, &n, &rate);
  assert_int_equal (n, 4);
  assert_int_equal (rate, 16000);
  assert_int_equal (read[1], G_MAXINT16);
  assert_int_equal (read[2], G_MININT16);
  assert_int_equal (read[3], 0x1234);
}

static void
test_not_wav (void **state)
{
  guint8 bytes[60] = "RIFX";
  gsize n = 1;
  g_autoptr (GBytes) wrong = g_bytes_new (bytes, sizeof bytes);
  g_autoptr (GBytes) cut = g_bytes_new ("RIFF", 4);

  assert_null (mer_wav_get_samples (wrong, &n, NULL));
  assert_int_equal (n, 0);
  assert_null (mer_wav_get_samples (cut, &n, NULL));

  /* a header that claims more than there is */
  mer_wav_write_header (bytes, 8000, G_MAXUINT32 - 100);
  g_autoptr (GBytes) lying = g_bytes_new (bytes, sizeof bytes);
  g_autofree gint16 *read = mer_wav_get_samples (lying, &n, NULL);
  assert_non_null (read);
  assert_int_equal (n, (sizeof bytes - MER_WAV_HEADER_SIZE) / 2);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_round_trip),
    cmocka_unit_test (test_not_wav),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
