/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mer-demo-face.h"

#include <cairo.h>
#include <math.h>

#define RADIUS 85.
#define BLINK_EVERY 2.3 /* s */
#define BLINK_LASTS 0.16

/* -1…1: goes to and fro evenly, or rests and jerks, as @bursts says */
static double
swing (double phase, double bursts)
{
  double even = sin (2 * G_PI * phase);
  /* a square wave whose edges take a tenth of the period */
  double jerky = CLAMP (even * 6, -1, 1);

  return (1 - bursts) * even + bursts * jerky;
}

static void
set_colour (cairo_t *cr, guint rgb)
{
  cairo_set_source_rgb (cr, (rgb >> 16) / 255., (rgb >> 8 & 255) / 255.,
                        (rgb & 255) / 255.);
}

static void
fill_ellipse (cairo_t *cr, double x, double y, double width, double height)
{
  cairo_save (cr);
  cairo_translate (cr, x, y);
  cairo_scale (cr, MAX (width, 0.5), MAX (height, 0.5));
  cairo_arc (cr, 0, 0, 1, 0, 2 * G_PI);
  cairo_restore (cr);
  cairo_fill (cr);
}

static void
draw_eye (cairo_t *cr, const MerDemoFace *face, double x, double open)
{
  set_colour (cr, 0xffffff);
  fill_ellipse (cr, x, -22, 16, 16 * open);
  if (open < 0.15)
    return;
  set_colour (cr, 0x2d3a4f);
  fill_ellipse (cr, x, -22, 7, MIN (7, 16 * open));
}

static void
draw_brow (cairo_t *cr, const MerDemoFace *face, double side)
{
  double height = -46 - 10 * face->brows;
  double inner = height - 9 * face->slant, outer = height + 5 * face->slant;

  set_colour (cr, 0x4a2f1b);
  cairo_set_line_width (cr, 6);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_move_to (cr, side * 14, inner);
  cairo_line_to (cr, side * 46, outer);
  cairo_stroke (cr);
}

static void
draw_mouth (cairo_t *cr, const MerDemoFace *face, double open)
{
  double corner = 40 - 12 * face->smile, middle = 40 + 8 * face->smile;
  double gap = 3 + 26 * open;

  set_colour (cr, 0x8c2f39);
  cairo_move_to (cr, -32, corner);
  cairo_curve_to (cr, -12, middle - gap / 3, 12, middle - gap / 3, 32, corner);
  cairo_curve_to (cr, 12, middle + gap, -12, middle + gap, -32, corner);
  cairo_fill (cr);
}

/**
 * mer_demo_face_draw:
 * @face: what it shows and how it moves
 * @time: seconds from the start
 * @mouth: how far the mouth is open, 0…1
 * @pixels: (out caller-allocates): BGRx
 *
 * Draws one picture; the same time gives the same picture.
 */
void
mer_demo_face_draw (const MerDemoFace *face, double time, double mouth, guint8 *pixels)
{
  cairo_surface_t *surface = cairo_image_surface_create_for_data (
      pixels, CAIRO_FORMAT_RGB24, MER_DEMO_WIDTH, MER_DEMO_HEIGHT, MER_DEMO_WIDTH * 4);
  cairo_t *cr = cairo_create (surface);
  gboolean blinks = fmod (time + 0.7, BLINK_EVERY) < BLINK_LASTS;
  double phase = time * face->sway_hz;
  double tremble = face->tremble * RADIUS;

  set_colour (cr, 0xb9c7d4);
  cairo_paint (cr);
  set_colour (cr, 0x51647a); /* shoulders */
  fill_ellipse (cr, MER_DEMO_WIDTH / 2., MER_DEMO_HEIGHT + 25, 120, 70);
  cairo_translate (cr,
                   MER_DEMO_WIDTH / 2. + RADIUS * face->sway * swing (phase, face->bursts)
                       + tremble * sin (2 * G_PI * 6.3 * time),
                   MER_DEMO_HEIGHT / 2.
                       + 0.4 * RADIUS * face->sway * swing (2 * phase, face->bursts)
                       + tremble * sin (2 * G_PI * 5.1 * time));
  cairo_rotate (cr, 0.3 * face->sway * swing (phase + 0.25, face->bursts));
  set_colour (cr, 0xe8b796);
  fill_ellipse (cr, 0, 0, RADIUS * 0.82, RADIUS);
  draw_eye (cr, face, -30, blinks ? 0.05 : face->eyes);
  draw_eye (cr, face, 30, blinks ? 0.05 : face->eyes);
  draw_brow (cr, face, -1);
  draw_brow (cr, face, 1);
  draw_mouth (cr, face, mouth);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}
