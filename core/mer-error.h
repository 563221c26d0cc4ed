/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MER_ERROR:
 *
 * Error domain of everything in this library. The text of an error names the file and
 * line, the sample, the element or the JSON pointer it is about, and what to do.
 */
#define MER_ERROR (mer_error_quark ())
GQuark mer_error_quark (void);

/**
 * MerError:
 * @MER_ERROR_FAILED: none of the others
 * @MER_ERROR_INVALID_FILE: a file that people write is wrong; the text holds the place
 * @MER_ERROR_INVALID_ARGUMENT: a property, option or parameter is wrong
 * @MER_ERROR_NOT_FOUND: a file, column, stage, mapping, model or prompt does not exist
 * @MER_ERROR_EXISTS: two things have one name (samples, stages, systems)
 * @MER_ERROR_UNSUPPORTED: understood, but this build or this model cannot do it
 * @MER_ERROR_BUSY: another process holds the store
 * @MER_ERROR_TOO_LARGE: a cap on size, nesting or count was reached
 * @MER_ERROR_TIMED_OUT: a deadline passed
 * @MER_ERROR_API: a model's server failed
 * @MER_ERROR_DECODE: a clip could not be decoded
 * @MER_ERROR_NO_SPACE: the disk or the store's quota is full
 * @MER_ERROR_STOPPED: the run was stopped early; what was done is kept
 *
 * Why something failed. `mer` turns these into exit codes.
 */
typedef enum
{
  MER_ERROR_FAILED,
  MER_ERROR_INVALID_FILE,
  MER_ERROR_INVALID_ARGUMENT,
  MER_ERROR_NOT_FOUND,
  MER_ERROR_EXISTS,
  MER_ERROR_UNSUPPORTED,
  MER_ERROR_BUSY,
  MER_ERROR_TOO_LARGE,
  MER_ERROR_TIMED_OUT,
  MER_ERROR_API,
  MER_ERROR_DECODE,
  MER_ERROR_NO_SPACE,
  MER_ERROR_STOPPED,
} MerError;

G_END_DECLS
