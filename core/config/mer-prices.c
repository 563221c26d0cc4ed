/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/mer-prices.h"

#include <math.h>

#define MAX_TIERS 4u
#define MAX_PRICE 1e6
#define MILLION 1e6

/* USD for a million tokens; NaN where no price is set */
typedef struct
{
  double input;
  double input_cached;
  double cache_write;
  double input_audio;
  double input_audio_cached;
  double input_image;
  double input_video;
  double output;
  double output_audio;
  double output_after_media;
} Rates;

/* holds for the whole of a call that reads more than so many tokens */
typedef struct
{
  gint64 above;
  Rates rates;
} Tier;

struct _MerPrices
{
  Rates rates;
  Tier tiers[MAX_TIERS]; /* from the lowest bound to the highest */
  guint n_tiers;
  double per_request;
  double per_minute;
  double batch_factor;
};

static const struct
{
  const char *name;
  gsize offset;
} rate_members[] = {
  { "input", G_STRUCT_OFFSET (Rates, input) },
  { "input-cached", G_STRUCT_OFFSET (Rates, input_cached) },
  { "cache-write", G_STRUCT_OFFSET (Rates, cache_write) },
  { "input-audio", G_STRUCT_OFFSET (Rates, input_audio) },
  { "input-audio-cached", G_STRUCT_OFFSET (Rates, input_audio_cached) },
  { "input-image", G_STRUCT_OFFSET (Rates, input_image) },
  { "input-video", G_STRUCT_OFFSET (Rates, input_video) },
  { "output", G_STRUCT_OFFSET (Rates, output) },
  { "output-audio", G_STRUCT_OFFSET (Rates, output_audio) },
  { "output-after-media", G_STRUCT_OFFSET (Rates, output_after_media) },
};

static const char *const entry_members[] = { "input",
                                             "input-cached",
                                             "cache-write",
                                             "input-audio",
                                             "input-video",
                                             "input-image",
                                             "input-audio-cached",
                                             "output",
                                             "output-audio",
                                             "per-request",
                                             "output-after-media",
                                             "tiers",
                                             "batch-factor",
                                             "per-minute",
                                             "currency",
                                             "as-of",
                                             "source",
                                             NULL };
static const char *const tier_members[]
    = { "above",       "input",        "input-cached",       "cache-write",
        "input-audio", "input-video",  "input-audio-cached", "input-image",
        "output",      "output-audio", "output-after-media", NULL };

/**
 * mer_prices_new:
 *
 * Returns: (transfer full): prices of which none is known
 */
MerPrices *
mer_prices_new (void)
{
  MerPrices *self = g_new0 (MerPrices, 1);

  for (guint i = 0; i < G_N_ELEMENTS (rate_members); i++)
    G_STRUCT_MEMBER (double, &self->rates, rate_members[i].offset) = NAN;
  self->per_request = NAN;
  self->per_minute = NAN;
  self->batch_factor = MER_PRICES_BATCH_FACTOR;
  return self;
}

void
mer_prices_free (MerPrices *self)
{
  g_free (self);
}

static gboolean
read_number (MerJson *json, const char *pointer, const char *name, double *value,
             GError **error)
{
  g_autofree char *place = mer_json_pointer (pointer, name);

  return !mer_json_has (json, place)
         || mer_json_get_number (json, place, 0, MAX_PRICE, value, error);
}

static gboolean
read_rates (MerJson *json, const char *pointer, Rates *rates, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (rate_members); i++)
    if (!read_number (json, pointer, rate_members[i].name,
                      &G_STRUCT_MEMBER (double, rates, rate_members[i].offset), error))
      return FALSE;
  return TRUE;
}

/* what a tier does not name stays as it was below it */
static gboolean
read_tier (MerPrices *self, MerJson *json, const char *pointer, GError **error)
{
  const Tier *before = self->n_tiers > 0 ? &self->tiers[self->n_tiers - 1] : NULL;
  Tier tier = { 0, before != NULL ? before->rates : self->rates };
  g_autofree char *above = mer_json_pointer (pointer, "above");

  if (!mer_json_check_members (json, pointer, tier_members, error)
      || !mer_json_get_integer (json, above, before != NULL ? before->above + 1 : 1,
                                G_MAXINT, &tier.above, error)
      || !read_rates (json, pointer, &tier.rates, error))
    return FALSE;
  self->tiers[self->n_tiers++] = tier;
  return TRUE;
}

static gboolean
read_tiers (MerPrices *self, MerJson *json, const char *pointer, GError **error)
{
  g_autofree char *place = mer_json_pointer (pointer, "tiers");
  JsonNode *node = mer_json_lookup (json, place);
  guint n_tiers = 0;

  if (!mer_json_has (json, place))
    return TRUE;
  n_tiers = JSON_NODE_HOLDS_ARRAY (node)
                ? json_array_get_length (json_node_get_array (node))
                : MAX_TIERS + 1;
  if (n_tiers > MAX_TIERS)
    {
      mer_json_set_error (json, place, error, MER_ERROR_INVALID_FILE,
                          "an array of up to %u objects must stand here, such as "
                          "[{\"above\": 200000, \"input\": 2.5}]",
                          MAX_TIERS);
      return FALSE;
    }
  for (guint i = 0; i < n_tiers; i++)
    {
      g_autofree char *tier = g_strdup_printf ("%s/%u", place, i);

      if (!read_tier (self, json, tier, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_texts (MerJson *json, const char *pointer, GError **error)
{
  static const char *const names[] = { "currency", "as-of", "source" };
  const char *currency = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *place = mer_json_pointer (pointer, names[i]);
      const char *text = NULL;

      if (!mer_json_get_optional_string (json, place, &text, error))
        return FALSE;
      if (i == 0)
        currency = text;
    }
  if (currency == NULL || g_str_equal (currency, "USD"))
    return TRUE;

  g_autofree char *place = mer_json_pointer (pointer, "currency");
  mer_json_set_error (json, place, error, MER_ERROR_INVALID_FILE,
                      "“%s” is not known here: costs are added up in USD alone; convert "
                      "the prices, and note the rate in “comment”",
                      currency);
  return FALSE;
}

/**
 * mer_prices_new_from_json:
 * @json: a document
 * @pointer: where the prices stand in it; may be missing
 * @error: return location for an error that names the place
 *
 * Returns: (transfer full) (nullable): the prices
 */
MerPrices *
mer_prices_new_from_json (MerJson *json, const char *pointer, GError **error)
{
  g_autoptr (MerPrices) self = mer_prices_new ();

  if (*pointer != '\0' && !mer_json_has (json, pointer))
    return g_steal_pointer (&self);
  if (mer_json_check_members (json, pointer, entry_members, error)
      && check_texts (json, pointer, error)
      && read_rates (json, pointer, &self->rates, error)
      && read_number (json, pointer, "per-request", &self->per_request, error)
      && read_number (json, pointer, "per-minute", &self->per_minute, error)
      && read_number (json, pointer, "batch-factor", &self->batch_factor, error)
      && read_tiers (self, json, pointer, error))
    return g_steal_pointer (&self);
  return NULL;
}

/**
 * mer_prices_parse:
 * @text: (nullable): a JSON object, as in a models file
 * @error: return location for an error
 *
 * Returns: (transfer full) (nullable): the prices; none is known where @text is empty
 */
MerPrices *
mer_prices_parse (const char *text, GError **error)
{
  g_autoptr (MerJson) json = NULL;

  if (text == NULL || *text == '\0')
    return mer_prices_new ();
  json = mer_json_parse ("prices", text, -1, error);
  return json != NULL ? mer_prices_new_from_json (json, "", error) : NULL;
}

/**
 * mer_prices_set:
 * @self: prices
 * @name: such as `input`, without those of tiers
 * @usd: US dollars for a million tokens
 */
void
mer_prices_set (MerPrices *self, const char *name, double usd)
{
  for (guint i = 0; i < G_N_ELEMENTS (rate_members); i++)
    if (g_str_equal (rate_members[i].name, name))
      G_STRUCT_MEMBER (double, &self->rates, rate_members[i].offset) = usd;
}

/**
 * mer_prices_is_known:
 * @self: prices
 *
 * Returns: whether there is any price
 */
gboolean
mer_prices_is_known (const MerPrices *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (rate_members); i++)
    if (!isnan (G_STRUCT_MEMBER (double, &self->rates, rate_members[i].offset)))
      return TRUE;
  return !isnan (self->per_request) || !isnan (self->per_minute);
}

static const Rates *
rates_for (const MerPrices *self, gint64 read)
{
  const Rates *rates = &self->rates;

  for (guint i = 0; i < self->n_tiers && read > self->tiers[i].above; i++)
    rates = &self->tiers[i].rates;
  return rates;
}

static double
first_known (double one, double other)
{
  return isnan (one) ? other : one;
}

/* nothing costs nothing, whatever its price */
static double
charge (gint64 tokens, double rate)
{
  return tokens > 0 ? (double) tokens * rate / MILLION : 0;
}

static double
charge_input (const Rates *rates, const MerUsage *usage)
{
  gint64 left = MAX (0, usage->input);
  gint64 cached = MAX (0, usage->input_cached);
  gint64 audio_cached = CLAMP (usage->input_cached_audio, 0, cached);
  /* most vendors do not say what of the media came from the cache */
  gint64 audio = CLAMP (usage->input_audio - audio_cached, 0, left);
  gint64 image = CLAMP (usage->input_image, 0, left - audio);
  gint64 video = CLAMP (usage->input_video, 0, left - audio - image);
  double audio_rate = first_known (rates->input_audio, rates->input);
  double image_rate = first_known (rates->input_image, rates->input);
  double cached_rate = first_known (rates->input_cached, rates->input);
  /* the discount of text says nothing of audio that has a price of its own */
  double audio_cached_rate
      = first_known (rates->input_audio_cached,
                     isnan (rates->input_audio) ? cached_rate : rates->input_audio);

  return charge (left - audio - image - video, rates->input) + charge (audio, audio_rate)
         + charge (image, image_rate)
         + charge (video, first_known (rates->input_video, image_rate))
         + charge (cached - audio_cached, cached_rate)
         + charge (audio_cached, audio_cached_rate)
         + charge (usage->cache_write, first_known (rates->cache_write, rates->input));
}

static double
charge_output (const Rates *rates, const MerUsage *usage, MerModality shown)
{
  gint64 output = MAX (0, usage->output);
  gint64 audio = CLAMP (usage->output_audio, 0, output);
  gboolean media = (shown & (MER_MODALITY_AUDIO | MER_MODALITY_VIDEO)) != 0
                   || MAX (0, usage->input_audio) + MAX (0, usage->input_image)
                              + MAX (0, usage->input_video)
                          > 0;
  double rate
      = media ? first_known (rates->output_after_media, rates->output) : rates->output;

  return charge (output - audio, rate)
         + charge (audio, first_known (rates->output_audio, rate));
}

static gboolean
has_token_prices (const Rates *rates)
{
  for (guint i = 0; i < G_N_ELEMENTS (rate_members); i++)
    if (!isnan (G_STRUCT_MEMBER (double, rates, rate_members[i].offset)))
      return TRUE;
  return FALSE;
}

/**
 * mer_prices_get_cost:
 * @self: prices
 * @usage: what a call used
 * @shown: what the model was shown; some charge more for text about media
 * @in_bulk: whether the call went through a bulk interface
 *
 * A tier holds for all tokens of a call that reads more than its bound, as Google and
 * Anthropic charge. What has no price of its own costs what the more general costs: video
 * as images, those and audio as text, what is cached as what is not.
 *
 * Returns: US dollars; NaN where a price or a count that is needed is not known
 */
double
mer_prices_get_cost (const MerPrices *self, const MerUsage *usage, MerModality shown,
                     gboolean in_bulk)
{
  gint64 read = mer_usage_get_read (usage);
  const Rates *rates = rates_for (self, read);
  gboolean by_tokens = has_token_prices (rates);
  gboolean by_time = !isnan (self->per_minute) && usage->seconds >= 0;
  double cost = 0;

  if (by_time)
    cost += usage->seconds / 60 * self->per_minute;
  if (by_tokens && (read >= 0 || usage->output >= 0 || !by_time))
    {
      if (read < 0 || usage->output < 0)
        return NAN;
      cost += charge_input (rates, usage) + charge_output (rates, usage, shown);
    }
  if (!by_tokens && !by_time && (isnan (self->per_request) || !isnan (self->per_minute)))
    return NAN;
  if (!isnan (self->per_request))
    cost += self->per_request;
  return in_bulk ? cost * self->batch_factor : cost;
}
