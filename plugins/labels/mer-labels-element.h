/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <mer.h>

G_BEGIN_DECLS

#define MER_TYPE_LABELS_ELEMENT (mer_labels_element_get_type ())
G_DECLARE_FINAL_TYPE (MerLabelsElement, mer_labels_element, MER, LABELS_ELEMENT,
                      MerTransform)

G_END_DECLS
