#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What `meson install` puts down is enough: a program of somebody else's compiles against the
# headers and the pkg-config file, and the installed command runs.
set -euo pipefail
build=$1
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

DESTDIR=$stage meson install -C "$build" --no-rebuild --quiet
pc=$(find "$stage" -name mer-1.0.pc)
[ -n "$pc" ] || { echo "no mer-1.0.pc was installed"; exit 1; }
export PKG_CONFIG_PATH=${pc%/*} PKG_CONFIG_SYSROOT_DIR=$stage
# pkg-config prepends the staging folder to system paths too, which are not in it
cflags=$(pkg-config --cflags mer-1.0 | tr ' ' '\n' | sed "s#-I$stage\(/usr/\(include\|lib\)\)#-I\1#" | tr '\n' ' ')

cat >"$stage/user.c" <<'EOF'
#include <mer.h>

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);

  g_autoptr (MerLabels) labels = mer_labels_new_parsed ("['happy', 'calm']");
  g_autoptr (MerSample) sample = mer_sample_new ("one", 0);
  MerResult *result = mer_result_new ("mine", MER_KIND_BACKEND, MER_OUTCOME_ANSWERED);

  mer_result_set_labels (result, labels);
  mer_sample_take_result (sample, result);
  g_autofree char *line = mer_record_to_line (sample);
  g_print ("%s\n", line);
  return 0;
}
EOF
libdir=${pc%/pkgconfig/*}
# shellcheck disable=SC2086
cc -Wall -Werror -o "$stage/user" "$stage/user.c" $cflags -L"$libdir" -lmer-1.0 \
  $(env -u PKG_CONFIG_SYSROOT_DIR -u PKG_CONFIG_PATH pkg-config --libs gstreamer-1.0 json-glib-1.0)
LD_LIBRARY_PATH=$libdir "$stage/user" | grep -q '"labels":\["happy","calm"\]'

mer=$(find "$stage" -path '*/bin/mer')
[ -n "$mer" ] || { echo "the command was not installed"; exit 1; }
LD_LIBRARY_PATH=$libdir "$mer" --version | grep -q '^mer '
# what mer new writes needs nothing but what was installed
LD_LIBRARY_PATH=$libdir "$mer" new backend parrot --output "$stage/parrot" >/dev/null
# shellcheck disable=SC2086
cc -Wall -Wextra -Wno-unused-parameter -Wno-cast-function-type -Werror -shared -fPIC -o "$stage/parrot/libgstmerparrot.so" \
  "$stage/parrot/mer-parrot.c" $cflags -L"$libdir" -lmer-1.0 \
  $(env -u PKG_CONFIG_SYSROOT_DIR -u PKG_CONFIG_PATH pkg-config --libs gstreamer-1.0 json-glib-1.0)
LD_LIBRARY_PATH=$libdir GST_PLUGIN_PATH=$stage/parrot GST_REGISTRY=$stage/parrot.bin \
  gst-inspect-1.0 merparrot | grep -q 'Parrot model'
[ -n "$(find "$stage" -path '*/share/gst-mer/models/servers.json')" ] \
  || { echo "no catalogue of models was installed"; exit 1; }
LD_LIBRARY_PATH=$libdir GST_PLUGIN_PATH=$libdir/gstreamer-1.0 GST_REGISTRY=$stage/registry.bin \
  gst-inspect-1.0 mermerge | grep -q 'Joins branches'
[ -n "$(find "$stage" -path '*/share/gst-mer/replay-fusion-3.json')" ] \
  || { echo "no descriptions were installed"; exit 1; }
