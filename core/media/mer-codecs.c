/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/mer-codecs.h"

#include "mer-error.h"

typedef struct
{
  const char *caps;
  const char *element;
} Entry;

static const Entry demuxers[] = {
  { "video/quicktime", "qtdemux" },
  { "application/x-3gp", "qtdemux" },
  { "audio/x-m4a", "qtdemux" },
  { "video/mj2", "qtdemux" },
  { "video/x-matroska", "matroskademux" },
  { "audio/x-matroska", "matroskademux" },
  { "video/x-matroska-3d", "matroskademux" },
  { "video/webm", "matroskademux" },
  { "audio/webm", "matroskademux" },
  { "video/x-msvideo", "avidemux" },
  { "video/x-flv", "flvdemux" },
  { "video/mpegts", "tsdemux" },
  { "video/mpeg, systemstream=(boolean)true", "mpegpsdemux" },
  { "application/ogg", "oggdemux" },
  { "video/ogg", "oggdemux" },
  { "audio/ogg", "oggdemux" },
  { "video/x-ms-asf", "asfdemux" },
  { "application/mxf", "mxfdemux" },
  { "audio/x-wav", "wavparse" },
  { "audio/x-rf64", "wavparse" },
  { "audio/x-aiff", "aiffparse" },
  { "audio/x-au", "auparse" },
  { "audio/basic", "auparse" },
  { "application/x-id3", "id3demux" },
  { "application/x-apetag", "apedemux" },
  { "video/x-ivf", "ivfparse" },
  { "application/x-yuv4mpeg", "y4mdec" },
};

static const Entry parsers[] = {
  { "video/x-h264", "h264parse" },
  { "video/x-h265", "h265parse" },
  { "video/mpeg, mpegversion=(int){1,2}, systemstream=(boolean)false", "mpegvideoparse" },
  { "video/mpeg, mpegversion=(int)4, systemstream=(boolean)false", "mpeg4videoparse" },
  { "video/x-av1", "av1parse" },
  { "video/x-vp9", "vp9parse" },
  { "video/x-h263", "h263parse" },
  { "video/x-wmv", "vc1parse" },
  { "image/jpeg", "jpegparse" },
  { "image/png", "pngparse" },
  { "audio/mpeg, mpegversion=(int)1", "mpegaudioparse" },
  { "audio/mpeg, mpegversion=(int){2,4}", "aacparse" },
  { "audio/x-ac3", "ac3parse" },
  { "audio/x-eac3", "ac3parse" },
  { "audio/x-flac", "flacparse" },
  { "audio/x-amr-nb-sh", "amrparse" },
  { "audio/x-amr-wb-sh", "amrparse" },
  { "audio/AMR", "amrparse" },
  { "audio/AMR-WB", "amrparse" },
  { "audio/x-dts", "dcaparse" },
  { "audio/x-opus", "opusparse" },
  { "audio/x-wavpack", "wavpackparse" },
};

/* plug-ins whose decoders turn packets into raw media and do nothing else */
static const char *const decoder_plugins[] = {
  "libav",    "vpx",    "aom",    "dav1d",   "openh264", "de265",    "theora",
  "jpeg",     "png",    "webp",   "vorbis",  "opus",     "flac",     "mpg123",
  "faad",     "alaw",   "mulaw",  "amrnb",   "amrwbdec", "gsm",      "speex",
  "adpcmdec", "a52dec", "dtsdec", "wavpack", "sbc",      "mpeg2dec", "dvdlpcmdec",
};

static const char *
find_entry (const Entry *entries, gsize n, GstCaps *caps)
{
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GstCaps) known = gst_caps_from_string (entries[i].caps);

      if (gst_caps_can_intersect (known, caps))
        return entries[i].element;
    }
  return NULL;
}

/**
 * mer_codecs_find_demuxer:
 * @caps: of a container
 *
 * Returns: (nullable): the element that takes it apart
 */
const char *
mer_codecs_find_demuxer (GstCaps *caps)
{
  return find_entry (demuxers, G_N_ELEMENTS (demuxers), caps);
}

/**
 * mer_codecs_demuxer_frames:
 * @demuxer: an element name
 *
 * Returns: whether its packets are whole frames, so that no parser need cut them; some
 *   decoders claim to take any bytes and then do not
 */
gboolean
mer_codecs_demuxer_frames (const char *demuxer)
{
  static const char *const framing[]
      = { "qtdemux",  "matroskademux", "flvdemux", "oggdemux",
          "asfdemux", "ivfparse",      "y4mdec",   NULL };

  return g_strv_contains (framing, demuxer);
}

/**
 * mer_codecs_find_parser:
 * @caps: of an elementary stream
 *
 * Returns: (nullable): the element that cuts it into packets
 */
const char *
mer_codecs_find_parser (GstCaps *caps)
{
  return find_entry (parsers, G_N_ELEMENTS (parsers), caps);
}

static gboolean
factory_is_safe (GstElementFactory *factory)
{
  const char *klass
      = gst_element_factory_get_metadata (factory, GST_ELEMENT_METADATA_KLASS);
  const char *plugin = gst_plugin_feature_get_plugin_name (GST_PLUGIN_FEATURE (factory));

  if (klass == NULL || plugin == NULL || strstr (klass, "Hardware") != NULL)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (decoder_plugins); i++)
    if (g_str_equal (plugin, decoder_plugins[i]))
      return TRUE;
  return FALSE;
}

static gboolean
factory_accepts (GstElementFactory *factory, GstCaps *caps)
{
  const GList *templates = gst_element_factory_get_static_pad_templates (factory);

  for (const GList *at = templates; at != NULL; at = at->next)
    {
      GstStaticPadTemplate *template = at->data;

      if (template->direction != GST_PAD_SINK)
        continue;
      g_autoptr (GstCaps) accepted = gst_static_pad_template_get_caps (template);
      if (gst_caps_is_subset (caps, accepted))
        return TRUE;
    }
  return FALSE;
}

static int
compare_factories (gconstpointer a, gconstpointer b)
{
  GstPluginFeature *left = (GstPluginFeature *) a;
  GstPluginFeature *right = (GstPluginFeature *) b;
  guint left_rank = gst_plugin_feature_get_rank (left);
  guint right_rank = gst_plugin_feature_get_rank (right);

  if (left_rank != right_rank)
    return left_rank > right_rank ? -1 : 1;
  /* of equals the one whose code is about this format alone */
  gboolean left_libav = g_str_has_prefix (GST_OBJECT_NAME (left), "avdec_");
  gboolean right_libav = g_str_has_prefix (GST_OBJECT_NAME (right), "avdec_");
  if (left_libav != right_libav)
    return left_libav ? 1 : -1;
  return g_strcmp0 (GST_OBJECT_NAME (left), GST_OBJECT_NAME (right));
}

static gpointer
list_decoders (G_GNUC_UNUSED gpointer unused)
{
  GList *all = gst_element_factory_list_get_elements (
      GST_ELEMENT_FACTORY_TYPE_DECODER | GST_ELEMENT_FACTORY_TYPE_MEDIA_VIDEO
          | GST_ELEMENT_FACTORY_TYPE_MEDIA_AUDIO | GST_ELEMENT_FACTORY_TYPE_MEDIA_IMAGE,
      GST_RANK_MARGINAL);
  GList *safe = NULL;

  for (GList *at = all; at != NULL; at = at->next)
    if (factory_is_safe (at->data))
      safe = g_list_insert_sorted (safe, gst_object_ref (at->data), compare_factories);
  gst_plugin_feature_list_free (all);
  return safe;
}

/**
 * mer_codecs_find_decoder:
 * @caps: of packets
 * @nth: 0 for the best, 1 for the one to try after it
 *
 * Looks at software decoders of known plug-ins only, by rank and then by name, so that one
 * machine always takes the same one.
 *
 * Returns: (transfer none) (nullable): the factory
 */
GstElementFactory *
mer_codecs_find_decoder (GstCaps *caps, guint nth)
{
  static GOnce once = G_ONCE_INIT;

  for (GList *at = g_once (&once, list_decoders, NULL); at != NULL; at = at->next)
    if (factory_accepts (at->data, caps) && nth-- == 0)
      return at->data;
  return NULL;
}

static void
set_if_there (GstElement *element, const char *property, const char *value)
{
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (element), property) != NULL)
    gst_util_set_object_arg (G_OBJECT (element), property, value);
}

/**
 * mer_codecs_make_decoder:
 * @caps: of packets
 * @nth: 0 for the best, 1 for the one to try after it
 * @error: return location for an error
 *
 * Returns: (transfer floating) (nullable): a decoder with one thread (clips are what runs
 *   beside each other) that bears any number of broken packets
 */
GstElement *
mer_codecs_make_decoder (GstCaps *caps, guint nth, GError **error)
{
  GstElementFactory *factory = mer_codecs_find_decoder (caps, nth);
  GstElement *element = factory != NULL ? gst_element_factory_create (factory, NULL) : NULL;

  if (element == NULL)
    {
      g_autofree char *name = gst_caps_to_string (caps);

      g_set_error (error, MER_ERROR, MER_ERROR_UNSUPPORTED, "no decoder for %.120s", name);
      return NULL;
    }
  set_if_there (element, "max-threads", "1");
  set_if_there (element, "threads", "1");
  set_if_there (element, "n-threads", "1");
  set_if_there (element, "max-errors", "-1");
  return element;
}

/**
 * mer_codecs_refusal:
 * @caps: of a file that has no demuxer here
 *
 * Returns: (transfer full): why, for people
 */
char *
mer_codecs_refusal (GstCaps *caps)
{
  static const Entry kinds[] = {
    { "application/x-hls", "a playlist" },
    { "application/dash+xml", "a playlist" },
    { "application/vnd.ms-sstr+xml", "a playlist" },
    { "text/uri-list", "a playlist" },
    { "application/smil", "a playlist" },
    { "application/xspf+xml", "a playlist" },
    { "application/sdp", "a session description (SDP)" },
    { "text/plain", "a text file" },
    { "text/html", "a web page" },
    { "application/xml", "an XML file" },
  };
  const char *kind = find_entry (kinds, G_N_ELEMENTS (kinds), caps);
  const char *name = gst_structure_get_name (gst_caps_get_structure (caps, 0));

  if (kind != NULL)
    return g_strdup_printf ("this is %s (%s), not a media file; nothing it names is opened",
                            kind, name);
  return g_strdup_printf ("files of type %s are not read", name);
}
