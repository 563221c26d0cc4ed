/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emotion/mer-mapping.h"

/**
 * mer_mapping_get_builtin:
 *
 * Returns: (transfer none) (nullable): the mapping that needs no import
 */
MerMapping *
mer_mapping_get_builtin (void)
{
  return NULL;
}
