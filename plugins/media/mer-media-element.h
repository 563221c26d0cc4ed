/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/mer-ordered.h"

G_BEGIN_DECLS

/* mermedia; the name MerMedia is taken by what it makes */
#define MER_TYPE_MEDIA_ELEMENT (mer_media_element_get_type ())
G_DECLARE_FINAL_TYPE (MerMediaElement, mer_media_element, MER, MEDIA_ELEMENT, MerOrdered)

G_END_DECLS
