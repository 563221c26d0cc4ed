/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer.h"

#include "mer-openai-reply.h"
#include "mer-openai-request.h"

G_BEGIN_DECLS

#define MER_TYPE_OPENAI (mer_openai_get_type ())
G_DECLARE_FINAL_TYPE (MerOpenai, mer_openai, MER, OPENAI, MerBackend)

GST_ELEMENT_REGISTER_DECLARE (meropenai)

G_END_DECLS
