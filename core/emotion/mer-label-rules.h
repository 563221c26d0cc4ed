/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The function words by which mer-label-prose.c reads English: closed classes, so that they
 * hold for any model's texts. Included there alone; docs/labels.md explains the rules. */

static const char *const negations[]
    = { "not",    "no",       "never",    "without",  "neither",   "nor",      "cannot",
        "n't",    "hardly",   "scarcely", "lack",     "lacks",     "lacking",  "absence",
        "free",   "unlikely", "isn't",    "doesn't",  "don't",     "didn't",   "aren't",
        "can't",  "won't",    "couldn't", "wouldn't", "shouldn't", "isn’t",    "doesn’t",
        "don’t",  "didn’t",   "aren’t",   "can’t",    "won’t",     "couldn’t", "wouldn’t",
        "wasn't", "wasn’t",   "weren't",  "weren’t",  "none",      NULL };
/* “not only sad”, “not clear why she is angry”: what follows is not denied */
static const char *const negation_lifts[]
    = { "only",     "just",        "clear",  "certain",  "hide",      "conceal", "contain",
        "suppress", "stop",        "sure",   "possible", "determine", "know",    "mention",
        "provide",  "necessarily", "enough", "specify",  NULL };
/* a new clause begins, which a negation before it does not reach */
static const char *const clause_starts[]
    = { "that",     "which",    "who",       "suggesting", "indicating",
        "implying", "suggests", "indicates", "implies",    NULL };
static const char *const breaks[]
    = { ",", ";", "but", "however", "although", "while", NULL };
static const char *const hedges[]
    = { "may",    "might",    "could",   "possibly",    "perhaps", "probably",
        "likely", "seem",     "seems",   "potentially", "maybe",   "either",
        "can",    "possible", "suggest", "suggests",    "would",   NULL };
static const char *const others[]
    = { "viewer",     "viewers",   "audience",     "listener", "listeners",
        "others",     "reader",    "interlocutor", "me",       "us",
        "spectators", "onlookers", "bystanders",   NULL };
static const char *const scenes[]
    = { "environment",  "atmosphere", "setting", "scene",    "room",     "background",
        "surroundings", "place",      "space",   "clothes",  "lighting", "music",
        "weather",      "location",   "home",    "ambiance", NULL };
static const char *const persons[]
    = { "he",    "she",        "they",    "man", "woman", "person", "boy", "girl",
        "child", "individual", "speaker", "his", "her",   "their",  NULL };
/* the model speaks of itself: “I’m sorry, but I cannot…” */
static const char *const apologies[]
    = { "i'm sorry", "i’m sorry", "i am sorry", "sorry ,", "i apologize", NULL };
static const char *const inabilities[]
    = { "can't", "can’t", "cannot", "can not", "unable", "not able", "won't", NULL };
static const char *const feels[]
    = { "feel", "feels", "feeling", "felt", "sense", "feelings", NULL };
static const char *const frame_heads[]
    = { "sense", "feeling",   "feelings", "emotion", "emotions", "state",
        "such",  "emotional", "mix",      "mixture", "hint",     NULL };
static const char *const frame_joints[] = { "of", "as", "including", "like", NULL };
static const char *const frame_tails[] = { "state", "mood", "emotions", NULL };
/* what may stand between two words of one list */
static const char *const list_words[]
    = { ",",        "and",  "or",    "/",           "even",     "perhaps",
        "possibly", "also", "some",  "a",           "an",       "of",
        "sense",    "as",   "well",  "slightly",    "somewhat", "bit",
        "touch",    "very", "deep",  "deeply",      "feelings", "feeling",
        "to",       "in",   "state", "potentially", "likely",   NULL };
static const char *const list_joints[] = { "and", "or", ",", "/", NULL };
static const char *const instructions[]
    = { "describe",  "focus", "provide", "predict", "identify", "analyze",
        "determine", "watch", "listen",  "answer",  NULL };
static const char *const conclusions[]
    = { "in conclusion",   "overall",       "ultimately",      "therefore",
        "in summary",      "to sum up",     "in short",        "thus",
        "can be inferred", "can infer",     "i predict",       "it is likely that",
        "i would predict", "to conclude",   "we can conclude", "based on the above",
        "based on these",  "inferred that", "the answer is",   NULL };
static const char *const state_phrases[] = { "emotional state",
                                             "emotion is",
                                             "emotions are",
                                             "state of mind",
                                             "mood is",
                                             "emotion of",
                                             "emotions of",
                                             "emotional condition",
                                             NULL };
static const char *const topics[]
    = { "emotion", "feel", "mood", "expression", "sentiment", NULL };
static const char *const content_before[]
    = { "feel",  "feels",   "feeling", "is",      "be",        "being",      "quite",
        "very",  "seems",   "a",       "more",    "generally", "relatively", "sounds",
        "looks", "appears", "appear",  "remains", NULL };
static const char *const content_after[]
    = { "state", "mood",   ".",     ",", "and", "or",  "with",
        "in",    "during", "while", ";", "as",  "but", NULL };
