/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* cmocka wants these four before itself */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glib.h>

/* the exit code that tells Meson a test was skipped */
#define MER_TEST_SKIP 77

static inline const char *
mer_test_shared_data (void)
{
  const char *path = g_getenv ("MER_SHARED_DATA");

  return path != NULL && g_file_test (path, G_FILE_TEST_IS_DIR) ? path : NULL;
}

#define mer_test_assert_no_error(error)                                                    \
  G_STMT_START                                                                             \
  {                                                                                        \
    if (error != NULL)                                                                     \
      fail_msg ("%s", (error)->message);                                                   \
  }                                                                                        \
  G_STMT_END
