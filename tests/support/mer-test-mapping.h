/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "emotion/mer-mapping.h"
#include "tests/support/mer-test.h"

/* a vocabulary small enough to work every figure out by hand */
#define MER_TEST_MAPPING                                                                   \
  "{\"format\":\"mer-mapping/1\",\"forms\":{"                                              \
  "\"anger\":[\"angry\"],\"angry\":[\"angry\"],\"calm\":[\"calm\"],"                       \
  "\"don’t care\":[\"odd\"],\"happily\":[\"happy\"],\"happy\":[\"happy\"],"              \
  "\"joy\":[\"joyful\"],\"joyful\":[\"joyful\"],\"mad\":[\"angry\",\"mad\"]},"             \
  "\"name\":\"tiny\",\"synonyms\":{"                                                       \
  "\"angry\":[\"angry\",\"mad\"],\"calm\":[\"calm\"],\"happy\":[\"happy\"],"               \
  "\"joyful\":[\"happy\",\"joyful\"],\"mad\":[\"mad\"]},\"wheels\":["                      \
  "{\"level1\":{\"angry\":\"mad\",\"happy\":\"happy\",\"joyful\":\"happy\","               \
  "\"mad\":\"mad\"},\"level2\":{\"angry\":\"angry\",\"happy\":\"joyful\","                 \
  "\"joyful\":\"joyful\",\"mad\":\"angry\"},\"name\":\"wheel1\"},"                         \
  "{\"level1\":{\"calm\":\"happy\",\"happy\":\"happy\"},"                                  \
  "\"level2\":{\"calm\":\"calm\",\"happy\":\"calm\"},\"name\":\"wheel2\"},"                \
  "{\"level1\":{\"mad\":\"mad\"},\"level2\":{\"mad\":\"mad\"},\"name\":\"wheel3\"},"       \
  "{\"level1\":{\"calm\":\"peaceful\"},\"level2\":{\"calm\":\"calm\"},"                    \
  "\"name\":\"wheel4\"},"                                                                  \
  "{\"level1\":{},\"level2\":{},\"name\":\"wheel5\"}]}"

static inline MerMapping *
mer_test_mapping (void)
{
  g_autoptr (GBytes) bytes
      = g_bytes_new_static (MER_TEST_MAPPING, sizeof (MER_TEST_MAPPING) - 1);
  g_autoptr (GError) error = NULL;
  MerMapping *mapping = mer_mapping_new_from_bytes ("tiny.json", bytes, &error);

  mer_test_assert_no_error (error);
  return mapping;
}
