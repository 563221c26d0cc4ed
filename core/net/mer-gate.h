/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "net/mer-rates.h"

G_BEGIN_DECLS

/* inner: the queue before a server, and everything that holds calls back in it: how many it
 * serves at once, what it may be asked a minute and in all, whether it is there at all, and
 * how many bytes are under way in the process. I/O thread, but for mer_gate_tighten (). */
typedef struct _MerGate MerGate;

/* a place in the queue. Holds one of the server's calls at once from granted to released,
 * and what the call is expected to take from granted to settled. */
typedef struct
{
  gsize bytes;
  MerSpend estimate;
  void (*on_granted) (gpointer data); /* or refused: see mer_gate_get_error () */
  gpointer data;

  gboolean granted;
  gboolean sending;
  gboolean unsettled;
  MerSpend taken;
  GList link;  /* among those that are under way, in the order in which they were granted */
  guint level; /* calls under way when this was granted, itself among them, those not that
                * were turned away while it was */
  guint64 serial;
  gint64 sent_at;
} MerTicket;

MerGate *mer_gate_new (const char *name);
void mer_gate_tighten (MerGate *self, const MerLimits *limits);
void mer_gate_open (MerGate *self);
guint mer_gate_get_n_active (MerGate *self);
guint64 mer_gate_get_n_served (MerGate *self);
gboolean mer_gate_is_good (MerGate *self, const MerTicket *ticket);
const GError *mer_gate_get_error (MerGate *self);
JsonNode *mer_gate_summarise (MerGate *self);

void mer_gate_queue (MerGate *self, MerTicket *ticket, gboolean first);
void mer_gate_sent (MerGate *self, MerTicket *ticket, gboolean reached);
void mer_gate_release (MerGate *self, MerTicket *ticket);

/* what came of a call that was released */
void mer_gate_served (MerGate *self, MerTicket *ticket, double seconds,
                      const MerSpend *spent);
gboolean mer_gate_turned_away (MerGate *self, MerTicket *ticket);
void mer_gate_timed_out (MerGate *self, MerTicket *ticket);
void mer_gate_unreachable (MerGate *self, MerTicket *ticket, double patience,
                           const GError *error);
void mer_gate_heard (MerGate *self, MerReply *reply, gboolean ready);
void mer_gate_failed (MerGate *self, guint max_same, guint status, const GError *error);
void mer_gate_settle (MerGate *self, MerTicket *ticket, const MerSpend *spent);
void mer_gate_cool_down (MerGate *self, double seconds);
/* seconds since the server began to say that it loads its model */
double mer_gate_loading (MerGate *self);

G_END_DECLS
