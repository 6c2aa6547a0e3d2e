#include <png.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// libpng reports errors with longjmp, which must not pass Swift's frames: each function here ends where it began.

/// What a picture's header says, and what its values will be.
struct png_picture {
  uint32_t width, height;
  /// Values of a pixel, and their bits: 8 or 16.
  int channels, bits;
  /// Bytes of a row.
  size_t stride;
  char message[128];
};

struct png_bytes {
  const unsigned char *next;
  size_t left;
};

static inline void png_note(png_structp png, png_const_charp text) {
  struct png_picture *picture = (struct png_picture *)png_get_error_ptr(png);
  strncpy(picture->message, text, sizeof picture->message - 1);
  png_longjmp(png, 1);
}

static inline void png_ignore(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static inline void png_take(png_structp png, png_bytep target, size_t count) {
  struct png_bytes *source = (struct png_bytes *)png_get_io_ptr(png);
  if (count > source->left) png_error(png, "the file ends too early");
  memcpy(target, source->next, count);
  source->next += count;
  source->left -= count;
}

/// Reads the header into `picture` and, where `values` is not NULL, the rows into it, upper one first; numbers of
/// 16 bits have this machine's byte order. `values` has room for `stride * height` bytes as an earlier call said.
/// Returns 0, or 1 with a message.
static inline int png_picture_read(const void *bytes, size_t count, struct png_picture *picture, unsigned char *values) {
  struct png_bytes source = {(const unsigned char *)bytes, count};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, picture, png_note, png_ignore);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_read_struct(&png, NULL, NULL);
    strcpy(picture->message, "libpng could not be started");
    return 1;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return 1;
  }
  png_set_read_fn(png, &source, png_take);
  // Texts and profiles are of no use here, and libpng takes memory for them by the file's word: all but the chunks
  // of pixels and palettes are passed over.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  png_read_info(png, info);
  // libpng takes memory for a row by the header's word. Each row begins with a byte for its filter, and deflate
  // makes at most 1032 bytes of one.
  if ((png_get_rowbytes(png, info) + 1.0) * png_get_image_height(png, info) > 1032.0 * count)
    png_error(png, "the header promises more pixels than the file can hold");
  int type = png_get_color_type(png, info), depth = png_get_bit_depth(png, info);
  // Colors of a palette that are marked as transparent are colors like the others.
  if (type == PNG_COLOR_TYPE_PALETTE) {
    png_set_palette_to_rgb(png);
    png_set_strip_alpha(png);
  } else if (type == PNG_COLOR_TYPE_GRAY && depth < 8) {
    // Single bits stay 0 and 1; more are spread over 0...255.
    if (depth == 1) png_set_packing(png);
    else png_set_expand_gray_1_2_4_to_8(png);
  }
  if (depth == 16) {
    // nnU-Net v2's reader keeps all bits of gray pictures only.
    if (type != PNG_COLOR_TYPE_GRAY) png_set_strip_16(png);
    else if (*(const uint8_t *)&(const uint16_t){1}) png_set_swap(png);
  }
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  picture->width = png_get_image_width(png, info);
  picture->height = png_get_image_height(png, info);
  picture->channels = png_get_channels(png, info);
  picture->bits = png_get_bit_depth(png, info);
  picture->stride = png_get_rowbytes(png, info);
  if (values) {
    for (int pass = 0; pass < passes; ++pass) {
      for (uint32_t row = 0; row < picture->height; ++row) png_read_row(png, values + picture->stride * row, NULL);
    }
    png_read_end(png, NULL);
  }
  png_destroy_read_struct(&png, &info, NULL);
  return 0;
}

struct png_output {
  unsigned char *bytes;
  size_t count, room;
};

static inline void png_put(png_structp png, png_bytep bytes, size_t count) {
  struct png_output *output = (struct png_output *)png_get_io_ptr(png);
  if (output->room - output->count < count) {
    size_t room = (output->count + count) * 2;
    unsigned char *larger = (unsigned char *)realloc(output->bytes, room);
    if (!larger) png_error(png, "there is not enough memory");
    output->bytes = larger;
    output->room = room;
  }
  memcpy(output->bytes + output->count, bytes, count);
  output->count += count;
}

static inline void png_put_nothing(png_structp png) { (void)png; }

/// Encodes rows of values, numbers of 16 bits in this machine's byte order. Returns 0, and what the caller frees in
/// `output`; or 1 with a message.
static inline int png_picture_write(struct png_picture *picture, const unsigned char *values, struct png_output *output) {
  static const int types[] = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, picture, png_note, png_ignore);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  memset(output, 0, sizeof *output);
  if (!info) {
    png_destroy_write_struct(&png, NULL);
    strcpy(picture->message, "libpng could not be started");
    return 1;
  }
  if (setjmp(png_jmpbuf(png))) {
    free(output->bytes);
    output->bytes = NULL;
    png_destroy_write_struct(&png, &info);
    return 1;
  }
  png_set_write_fn(png, output, png_put, png_put_nothing);
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  png_set_IHDR(png, info, picture->width, picture->height, picture->bits, types[picture->channels], PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  if (picture->bits == 16 && *(const uint8_t *)&(const uint16_t){1}) png_set_swap(png);
  for (uint32_t row = 0; row < picture->height; ++row) png_write_row(png, (png_bytep)values + picture->stride * row);
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return 0;
}
