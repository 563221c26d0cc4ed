/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mer-error.h"
#include "mer-version.h"

#include "emotion/mer-labels.h"
#include "emotion/mer-mapping.h"
#include "tables/mer-json.h"
#include "tables/mer-table.h"
#include "sample/mer-outcome.h"
#include "sample/mer-result.h"
#include "sample/mer-truth.h"
#include "sample/mer-clip.h"
#include "sample/mer-media.h"
#include "sample/mer-sample.h"
#include "sample/mer-record.h"
#include "store/mer-store.h"
#include "store/mer-store-run.h"
#include "base/mer-io.h"
#include "base/mer-stages.h"
#include "base/mer-ordered.h"
#include "base/mer-fusion.h"
#include "base/mer-scorer.h"
