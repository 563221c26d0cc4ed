/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* private to core/config: what was read from a launch array */
#pragma once

#include "config/mer-launch.h"

G_BEGIN_DECLS

typedef struct
{
  char *key;
  char *value;
} MerLaunchSetting;

typedef struct
{
  char *factory;
  char *name; /* %NULL: GStreamer makes one up */
  GArray *settings;
  char *pointer; /* where it stands, for errors */
} MerLaunchItem;

/* one end of a link: an item, or a name that may stand further down */
typedef struct
{
  int item;
  char *name;
  char *pad;
} MerLaunchEnd;

typedef struct
{
  MerLaunchEnd from;
  MerLaunchEnd to;
  char *pointer;
} MerLaunchLink;

struct _MerLaunch
{
  MerJson *json;
  GPtrArray *items;
  GArray *links;
};

G_END_DECLS
