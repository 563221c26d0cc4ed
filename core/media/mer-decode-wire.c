/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/mer-decode-wire.h"

#include <string.h>

#include "mer-error.h"
#include "tables/mer-json.h"

#define MAGIC "MERW"
#define VERSION 1

#define REQUEST_TYPE "((uuuubbs)dayayay)"
#define REPLY_TYPE "(sbaayayay)"
#define FAILURE_TYPE "(is)"

typedef struct
{
  char magic[4];
  guint16 version;
  guint16 type;
  guint64 length;
} Header;

G_STATIC_ASSERT (sizeof (Header) == MER_WIRE_HEADER_SIZE);

/**
 * mer_wire_write_header:
 * @header: (out caller-allocates): `MER_WIRE_HEADER_SIZE` bytes
 * @type: of the frame
 * @length: bytes that follow
 */
void
mer_wire_write_header (guint8 *header, MerWireType type, gsize length)
{
  Header written = { MAGIC, VERSION, (guint16) type, length };

  memcpy (header, &written, sizeof written);
}

/**
 * mer_wire_read_header:
 * @header: `MER_WIRE_HEADER_SIZE` bytes
 * @type: (out): of the frame
 * @length: (out): bytes that follow, within bounds
 * @error: return location for an error
 *
 * Returns: whether it is a header of this version
 */
gboolean
mer_wire_read_header (const guint8 *header, MerWireType *type, gsize *length,
                      GError **error)
{
  Header read;

  memcpy (&read, header, sizeof read);
  if (memcmp (read.magic, MAGIC, 4) != 0 || read.version != VERSION)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_FAILED,
                   "the decode worker speaks another protocol version: is it of another "
                   "build?");
      return FALSE;
    }

  gsize most = read.type == MER_WIRE_REPLY ? MER_WIRE_MAX_REPLY : MER_WIRE_MAX_REQUEST;
  if (read.type < MER_WIRE_REQUEST || read.type > MER_WIRE_FAILED || read.length > most)
    {
      g_set_error (error, MER_ERROR, MER_ERROR_TOO_LARGE,
                   "a frame of type %u and %" G_GUINT64_FORMAT " bytes is out of bounds",
                   read.type, read.length);
      return FALSE;
    }
  *type = read.type;
  *length = read.length;
  return TRUE;
}

static GBytes *
serialise (GVariant *variant)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (variant);

  return g_variant_get_data_as_bytes (owned);
}

static GVariant *
deserialise (GBytes *payload, const char *type)
{
  return g_variant_ref_sink (
      g_variant_new_from_bytes (G_VARIANT_TYPE (type), payload, FALSE));
}

static GVariant *
path_variant (const char *path)
{
  return g_variant_new_bytestring (path != NULL ? path : "");
}

static const char *
path_or_null (GVariant *variant)
{
  const char *path = g_variant_get_bytestring (variant);

  return *path != '\0' ? path : NULL;
}

/**
 * mer_wire_pack_request:
 * @clip: which files
 * @settings: what is wanted of them
 * @deadline: seconds, 0 for any time
 *
 * Returns: (transfer full): the payload
 */
GBytes *
mer_wire_pack_request (MerClip *clip, const MerDecodeSettings *settings, double deadline)
{
  return serialise (g_variant_new (
      "(@(uuuubbs)d@ay@ay@ay)", mer_decode_settings_to_variant (settings), deadline,
      path_variant (mer_clip_get_video (clip)), path_variant (mer_clip_get_audio (clip)),
      path_variant (mer_clip_get_subtitle (clip))));
}

gboolean
mer_wire_unpack_request (GBytes *payload, MerClip **clip, MerDecodeSettings **settings,
                         double *deadline)
{
  g_autoptr (GVariant) request = deserialise (payload, REQUEST_TYPE);
  g_autoptr (GVariant) packed = NULL;
  g_autoptr (GVariant) video = NULL;
  g_autoptr (GVariant) audio = NULL;
  g_autoptr (GVariant) subtitle = NULL;

  if (!g_variant_is_normal_form (request))
    return FALSE;
  g_variant_get (request, "(@(uuuubbs)d@ay@ay@ay)", &packed, deadline, &video, &audio,
                 &subtitle);
  *settings = mer_decode_settings_from_variant (packed);
  *clip
      = mer_clip_new (path_or_null (video), path_or_null (audio), path_or_null (subtitle));
  return TRUE;
}

static GVariant *
bytes_variant (GBytes *bytes)
{
  if (bytes == NULL)
    return g_variant_new_from_data (G_VARIANT_TYPE_BYTESTRING, NULL, 0, TRUE, NULL, NULL);
  return g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
}

/**
 * mer_wire_pack_reply:
 * @decoded: what became of a clip
 *
 * Returns: (transfer full): the payload
 */
GBytes *
mer_wire_pack_reply (MerDecoded *decoded)
{
  g_autofree char *manifest = json_to_string (decoded->manifest, FALSE);
  MerMediaBytes *bytes = decoded->bytes;
  GVariantBuilder frames;

  g_variant_builder_init (&frames, G_VARIANT_TYPE ("aay"));
  for (guint i = 0; bytes != NULL && i < bytes->frames->len; i++)
    g_variant_builder_add_value (&frames, bytes_variant (bytes->frames->pdata[i]));
  return serialise (g_variant_new ("(sb@aay@ay@ay)", manifest, bytes != NULL,
                                   g_variant_builder_end (&frames),
                                   bytes_variant (bytes != NULL ? bytes->audio : NULL),
                                   bytes_variant (bytes != NULL ? bytes->strip : NULL)));
}

/* empty stands for none */
static GBytes *
take_bytes (GVariant *variant)
{
  g_autoptr (GVariant) owned = variant;

  return g_variant_get_size (owned) > 0 ? g_variant_get_data_as_bytes (owned) : NULL;
}

/**
 * mer_wire_unpack_reply:
 * @payload: what a worker sent
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): what became of the clip; its bytes share the memory
 *   of @payload
 */
MerDecoded *
mer_wire_unpack_reply (GBytes *payload, GError **error)
{
  g_autoptr (GVariant) reply = deserialise (payload, REPLY_TYPE);
  g_autoptr (GVariant) frames = NULL;
  GVariant *audio = NULL;
  GVariant *strip = NULL;
  const char *text = NULL;
  gboolean has_bytes = FALSE;

  g_variant_get (reply, "(&sb@aay@ay@ay)", &text, &has_bytes, &frames, &audio, &strip);
  g_autoptr (MerDecoded) decoded = g_new0 (MerDecoded, 1);
  decoded->bytes = mer_media_bytes_new ();
  decoded->bytes->audio = take_bytes (audio);
  decoded->bytes->strip = take_bytes (strip);
  for (gsize i = 0; i < MIN (g_variant_n_children (frames), MER_DECODE_MAX_FRAMES); i++)
    {
      GBytes *jpeg = take_bytes (g_variant_get_child_value (frames, i));

      g_ptr_array_add (decoded->bytes->frames,
                       jpeg != NULL ? jpeg : g_bytes_new_static ("", 0));
    }
  if (!has_bytes)
    g_clear_pointer (&decoded->bytes, mer_media_bytes_free);

  /* the bounded reader first: a worker may have been taken over by its clip */
  g_autoptr (MerJson) checked = mer_json_parse ("the worker's manifest", text, -1, error);
  if (checked == NULL)
    return NULL;
  decoded->manifest = json_from_string (text, error);
  if (decoded->manifest == NULL || !JSON_NODE_HOLDS_OBJECT (decoded->manifest))
    {
      g_clear_error (error);
      g_set_error (error, MER_ERROR, MER_ERROR_DECODE,
                   "the worker's manifest is no object");
      return NULL;
    }
  return g_steal_pointer (&decoded);
}

/**
 * mer_wire_pack_failure:
 * @error: of this library's domain
 *
 * Returns: (transfer full): the payload
 */
GBytes *
mer_wire_pack_failure (const GError *error)
{
  return serialise (g_variant_new (
      FAILURE_TYPE, error->domain == MER_ERROR ? error->code : (int) MER_ERROR_DECODE,
      error->message));
}

void
mer_wire_unpack_failure (GBytes *payload, GError **error)
{
  g_autoptr (GVariant) failure = deserialise (payload, FAILURE_TYPE);
  const char *message = NULL;
  int code = MER_ERROR_DECODE;

  g_variant_get (failure, "(i&s)", &code, &message);
  g_set_error (error, MER_ERROR,
               code == MER_ERROR_TIMED_OUT ? MER_ERROR_TIMED_OUT : MER_ERROR_DECODE, "%s",
               message);
}
