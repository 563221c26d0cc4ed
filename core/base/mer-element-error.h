/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "mer-error.h"

G_BEGIN_DECLS

void mer_element_post_error (GstElement *element, const GError *error);

G_END_DECLS
