/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/mer-test.h"

#include <math.h>
#include <string.h>

#include "emotion/mer-vote.h"

#define MAX_LISTS 8

/* one wheel that knows four clusters, four wheels that know nothing, so that sums can be
 * done in the head */
static const char mapping_json[]
    = "{\"format\":\"mer-mapping/1\",\"name\":\"small\",\"forms\":{"
      "\"angry\":[\"angry\"],\"furious\":[\"angry\"],\"mad\":[\"angry\"],"
      "\"happy\":[\"happy\"],\"glad\":[\"happy\"],\"sad\":[\"sad\"],\"scared\":[\"scared\"]"
      "},\"synonyms\":{\"angry\":[\"angry\"],\"happy\":[\"happy\"],\"sad\":[\"sad\"],"
      "\"scared\":[\"scared\"]},\"wheels\":["
      "{\"name\":\"wheel1\",\"level1\":{\"angry\":\"angry\",\"happy\":\"happy\","
      "\"sad\":\"sad\",\"scared\":\"scared\"},\"level2\":{}},"
      "{\"name\":\"wheel2\",\"level1\":{},\"level2\":{}},"
      "{\"name\":\"wheel3\",\"level1\":{},\"level2\":{}},"
      "{\"name\":\"wheel4\",\"level1\":{},\"level2\":{}},"
      "{\"name\":\"wheel5\",\"level1\":{},\"level2\":{}}]}";

static MerMapping *
make_mapping (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (mapping_json, sizeof mapping_json - 1);
  g_autoptr (GError) error = NULL;
  MerMapping *mapping = mer_mapping_new_from_bytes ("small", bytes, &error);

  mer_test_assert_no_error (error);
  return mapping;
}

/* a label may carry its weight: `angry:0.5` */
static MerLabels *
parse_list (const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  MerLabels *labels = mer_labels_new ();

  for (guint i = 0; words[i] != NULL; i++)
    {
      char *colon = strchr (words[i], ':');
      double weight = NAN;

      if (colon != NULL)
        weight = g_ascii_strtod (colon + 1, NULL);
      if (colon != NULL)
        *colon = '\0';
      mer_labels_add_weighted (labels, words[i], weight);
    }
  return labels;
}

static char *
fuse (const MerVoteRule *rule, const char *const *texts, gboolean reversed,
      MerLabels **fused)
{
  g_autoptr (GPtrArray) lists
      = g_ptr_array_new_with_free_func ((GDestroyNotify) mer_labels_unref);
  g_autoptr (MerLabels) out = NULL;
  char *text;

  for (guint i = 0; i < MAX_LISTS && texts[i] != NULL; i++)
    g_ptr_array_insert (lists, reversed ? 0 : -1, parse_list (texts[i]));
  out = mer_vote_fuse (rule, (MerLabels *const *) lists->pdata, lists->len);
  text = mer_labels_to_string (out);
  if (fused != NULL)
    *fused = g_steal_pointer (&out);
  return text;
}

static const struct
{
  MerVoteStrategy strategy;
  double constant; /* threshold or precision weight */
  const char *lists[MAX_LISTS];
  double weights[MAX_LISTS];
  const char *expected;
} cases[] = {
  /* three words of one cluster against one of another: 3 votes to 1; the bytewise first
   * of the three speaks for them */
  { MER_VOTE_MBR, 3, { "mad", "happy", "furious", "angry" }, { 1, 1, 1, 1 }, "[angry]" },
  /* … unless one of them has more votes of its own */
  { MER_VOTE_MBR, 3, { "mad", "happy", "mad", "angry" }, { 1, 1, 1, 1 }, "[mad]" },
  /* 5 + 3·5 = 20 for anger alone; with joy of 3: 8 + 3·8/2 = 20, no gain */
  { MER_VOTE_MBR,
    3,
    { "angry happy", "angry happy", "mad glad", "angry", "angry" },
    { 1, 1, 1, 1, 1 },
    "[angry]" },
  /* with joy of 4: 9 + 3·9/2 = 22.5 */
  { MER_VOTE_MBR,
    3,
    { "angry happy", "angry happy", "mad glad", "angry happy", "angry" },
    { 1, 1, 1, 1, 1 },
    "[angry, happy]" },
  /* 8 + 3·8/2 = 20 for two of 4; a third of 2: 10 + 3·10/3 = 20, of 3: 11 + 11 = 22 */
  { MER_VOTE_MBR,
    3,
    { "angry happy sad", "angry happy sad", "angry happy", "angry happy" },
    { 1, 1, 1, 1 },
    "[angry, happy]" },
  { MER_VOTE_MBR,
    3,
    { "angry happy sad", "angry happy sad", "angry happy sad", "angry happy" },
    { 1, 1, 1, 1 },
    "[angry, happy, sad]" },
  /* several words of a cluster in one list are one vote */
  { MER_VOTE_MBR, 3, { "angry mad furious", "happy", "happy" }, { 1, 1, 1 }, "[happy]" },
  /* a word no wheel knows needs half of the votes */
  { MER_VOTE_MBR,
    3,
    { "neutral happy", "neutral", "happy", "sad" },
    { 1, 1, 1, 1 },
    "[happy, neutral]" },
  { MER_VOTE_MBR, 3, { "neutral", "happy", "happy" }, { 1, 1, 1 }, "[happy]" },
  { MER_VOTE_MBR, 3, { "neutral", "meh" }, { 1, 1 }, "[meh, neutral]" },
  { MER_VOTE_MBR, 3, { "neutral:0.1", "happy" }, { 1, 1 }, "[happy]" },
  /* lists without a word abstain */
  { MER_VOTE_MBR, 3, { "", "happy", "" }, { 1, 1, 1 }, "[happy]" },
  { MER_VOTE_MBR, 3, { "", "" }, { 1, 1 }, "[]" },
  /* weights of lists, weights of words */
  { MER_VOTE_MBR, 3, { "angry", "happy" }, { 1, 1 }, "[angry, happy]" },
  { MER_VOTE_MBR, 3, { "angry", "happy" }, { 1, 2 }, "[happy]" },
  { MER_VOTE_MBR, 3, { "angry:0.5 happy:1" }, { 1 }, "[happy]" },
  { MER_VOTE_MBR, 3, { "angry", "happy" }, { 1, 0 }, "[angry]" },
  /* without any weight on precision every cluster is kept */
  { MER_VOTE_MBR,
    0,
    { "angry", "angry", "angry happy sad" },
    { 1, 1, 1 },
    "[angry, happy, sad]" },

  /* forms of one base word are one word, and one list is one vote */
  { MER_VOTE_COUNT,
    2,
    { "mad happy", "furious meh", "Meh sad glad" },
    { 1, 1, 1 },
    "[angry, happy, meh]" },
  { MER_VOTE_COUNT, 2, { "mad angry", "sad" }, { 1, 1 }, "[]" },
  { MER_VOTE_COUNT, 2, { "mad", "happy" }, { 1, 2 }, "[happy]" },
  { MER_VOTE_UNION, 2, { "mad happy", "", "Happy sad" }, { 1, 1, 1 }, "[mad, happy, sad]" },
  { MER_VOTE_CASCADE, 2, { "", "sad mad", "happy" }, { 1, 1, 1 }, "[sad, mad]" },
  { MER_VOTE_CASCADE, 2, { "", "" }, { 1, 1 }, "[]" },
};

static void
test_cases (void **state)
{
  g_autoptr (MerMapping) mapping = make_mapping ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      MerVoteRule rule = { cases[i].strategy, mapping, cases[i].constant, cases[i].constant,
                           cases[i].weights };
      g_autofree char *text = fuse (&rule, cases[i].lists, FALSE, NULL);

      print_message ("case %u\n", i);
      assert_string_equal (text, cases[i].expected);
    }
}

static void
test_order_of_lists (void **state)
{
  g_autoptr (MerMapping) mapping = make_mapping ();
  MerVoteRule rule = MER_VOTE_RULE_INIT;

  rule.mapping = mapping;
  for (guint i = 0; cases[i].strategy == MER_VOTE_MBR; i++)
    {
      g_autofree char *forward = fuse (&rule, cases[i].lists, FALSE, NULL);
      g_autofree char *backward = fuse (&rule, cases[i].lists, TRUE, NULL);

      assert_string_equal (forward, backward);
    }
}

static void
test_shares (void **state)
{
  static const char *const texts[] = { "mad", "happy", "angry", "angry", "", NULL };
  g_autoptr (MerMapping) mapping = make_mapping ();
  g_autoptr (MerLabels) labels = NULL;
  MerVoteRule rule = MER_VOTE_RULE_INIT;
  g_autofree char *text = NULL;

  rule.mapping = mapping;
  text = fuse (&rule, texts, FALSE, &labels);
  assert_string_equal (text, "[angry]");
  assert_true (fabs (mer_labels_get_weight (labels, 0) - 0.75) < 1e-12);
}

static void
test_tally (void **state)
{
  g_autoptr (MerLabels) first = parse_list ("happy sad");
  g_autoptr (MerLabels) second = parse_list ("Sad");
  MerLabels *lists[] = { first, NULL, second };
  const double weights[] = { 1, 5, 0.5 };
  g_autoptr (MerVoteTally) tally = mer_vote_tally_new (lists, 3, weights, NULL);

  assert_int_equal (mer_vote_tally_get_length (tally), 2);
  assert_string_equal (mer_vote_tally_get_label (tally, 1), "sad");
  assert_true (mer_vote_tally_get_votes (tally, 0) == 1.);
  assert_true (mer_vote_tally_get_votes (tally, 1) == 1.5);
  assert_true (mer_vote_tally_get_total (tally) == 1.5);
}

static const struct
{
  const char *text;
  const char *name; /* NULL: an error */
  double weight;
} weight_cases[] = {
  { "a=2,b=0.5", "b", 0.5 }, { " a = 2 , ", "a", 2 },
  { NULL, "a", 1 },          { "", "a", 1 },
  { "a=2", "c", 1 },         { "a", NULL, 0 },
  { "a=-1", NULL, 0 },       { "a=x", NULL, 0 },
  { "a=1,a=2", NULL, 0 },    { "=1", NULL, 0 },
  { "a=inf", NULL, 0 },      { "a=nan", NULL, 0 },
  { "a=1e9", NULL, 0 },
};

static void
test_weights (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (weight_cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GHashTable) weights
          = mer_vote_weights_parse (weight_cases[i].text, &error);

      print_message ("case %u\n", i);
      assert_true ((weights == NULL) == (weight_cases[i].name == NULL));
      assert_true ((error != NULL) == (weights == NULL));
      if (weights != NULL)
        assert_true (mer_vote_weights_get (weights, weight_cases[i].name)
                     == weight_cases[i].weight);
    }
}

static void
test_strategy_names (void **state)
{
  MerVoteStrategy strategy;

  for (guint i = MER_VOTE_MBR; i <= MER_VOTE_CASCADE; i++)
    {
      assert_true (
          mer_vote_strategy_from_string (mer_vote_strategy_to_string (i), &strategy));
      assert_int_equal (strategy, i);
    }
  assert_false (mer_vote_strategy_from_string ("majority", &strategy));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_cases),   cmocka_unit_test (test_order_of_lists),
    cmocka_unit_test (test_shares),  cmocka_unit_test (test_tally),
    cmocka_unit_test (test_weights), cmocka_unit_test (test_strategy_names),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
