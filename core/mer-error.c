/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-error.h"

G_DEFINE_QUARK (mer - error - quark, mer_error)
