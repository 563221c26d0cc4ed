/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* a whole backend: asks a server that takes {"prompt", "images"} and gives {"response"} */
#define PACKAGE "gst-mer-example"
#include "mer.h"

MER_DEFINE_BACKEND (MerExample, mer_example)

static JsonNode *
build_request (MerBackend *self, MerRequest *request, GError **error)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *root = json_object_new ();
  JsonArray *images = json_array_new ();

  json_object_set_string_member (root, "model", mer_backend_get_model (self));
  json_object_set_string_member (root, "prompt", mer_request_get_prompt (request));
  json_object_set_boolean_member (root, "stream", FALSE);
  for (guint i = 0; i < mer_request_get_n_frames (request); i++)
    {
      g_autofree char *image = mer_request_place_frame (request, i, "");

      json_array_add_string_element (images, image);
    }
  json_object_set_array_member (root, "images", images);
  json_node_take_object (node, root);
  return node;
}

static gboolean
parse_reply (MerBackend *self, JsonNode *reply, MerResult *result, GError **error)
{
  mer_result_set_text (result, mer_json_node_string (reply, "response"));
  if (mer_result_get_text (result) == NULL)
    g_set_error (error, MER_ERROR, MER_ERROR_API, "the answer has no /response");
  return mer_result_get_text (result) != NULL;
}

static void
mer_example_class_init (MerBackendClass *klass)
{
  klass->protocol = "example";
  klass->path = "api/generate";
  klass->modalities = MER_MODALITY_VIDEO | MER_MODALITY_TEXT;
  klass->build_request = build_request;
  klass->parse_reply = parse_reply;
  mer_backend_class_set_metadata (klass, "Example model", "Asks /api/generate", "you");
  gst_element_class_add_static_metadata (
      GST_ELEMENT_CLASS (klass), "mer-example",
      "gst-launch-1.0 merdatasetsrc clips=videos ! mermedia ! merexample ! fakesink");
}

static gboolean
plugin_init (GstPlugin *plugin)
{
  return gst_element_register (plugin, "merexample", GST_RANK_NONE,
                               mer_example_get_type ());
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, merexample, "An example backend",
                   plugin_init, MER_VERSION, "LGPL", "gst-mer", "https://gst-mer.example")
