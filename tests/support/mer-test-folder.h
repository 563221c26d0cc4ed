/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* a temporary folder that a group of cmocka tests shares as its state */

#include <ftw.h>
#include <stdio.h>

#include "support/mer-test.h"

static inline int
mer_test_folder_setup (void **state)
{
  *state = g_dir_make_tmp ("mer-test-XXXXXX", NULL);
  return *state != NULL ? 0 : -1;
}

static inline int
mer_test_folder_remove_one (const char *path, const struct stat *info, int type,
                            struct FTW *place)
{
  return remove (path);
}

static inline int
mer_test_folder_teardown (void **state)
{
  nftw (*state, mer_test_folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
  g_free (*state);
  return 0;
}

static inline char *
mer_test_folder_file (void *state, const char *name)
{
  return g_build_filename (state, name, NULL);
}
