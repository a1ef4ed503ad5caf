/* SPDX-License-Identifier: Apache-2.0 */
/* Text of numbers, collected to lines. */
#include "console.h"

#include "console_port.h"

/* A request to a debugger takes as long as hundreds of characters, so a line is collected first. */
static struct {
  uint32_t length;
  char text[60];
} line;

static void flush(void) {
  line.text[line.length] = '\0';
  console_port_write(line.text, line.length);
  line.length = 0;
}

static void put(char character) {
  line.text[line.length++] = character;
  if (character == '\n' || line.length == sizeof line.text - 1) {
    flush();
  }
}

void console_text(const char* text) {
  while (*text != '\0') {
    put(*text++);
  }
}

/* Divides in steps of 16 bits, for which every core's own division will do, and returns the remainder. */
static uint32_t divide_by_ten(uint64_t* value) {
  uint64_t quotient = 0;
  uint32_t rest = 0;
  for (uint32_t step = 0; step < 4; ++step) {
    rest = rest << 16 | (uint32_t)(*value >> 48);
    *value <<= 16;
    quotient = quotient << 16 | rest / 10u;
    rest %= 10u;
  }
  *value = quotient;
  return rest;
}

void console_integer(int64_t value) {
  char digits[20];
  uint32_t count = 0;
  uint64_t rest = (uint64_t)value;
  if (value < 0) {
    put('-');
    rest = 0 - rest;
  }
  do {
    digits[count++] = (char)('0' + divide_by_ten(&rest));
  } while (rest != 0);
  while (count > 0) {
    put(digits[--count]);
  }
}

void console_hexadecimal(uint32_t value) {
  console_text("0x");
  for (uint32_t digit = 0; digit < 8; ++digit) {
    put("0123456789abcdef"[value >> 28]);
    value <<= 4;
  }
}

/* Writes 0.d1d2d3... x 10^point: up to `count` digits, as a plain number. */
static void put_digits(const char* digits, int count, int point) {
  if (point <= 0) {
    console_text("0.");
    for (; point < 0; ++point) {
      put('0');
    }
    point = -1; /* it is written */
  }
  for (int i = 0; i < count || i < point; ++i) {
    if (i == point) {
      put('.');
    }
    put(i < count ? digits[i] : '0');
  }
}

void console_number(float value) {
  if (value != value) {
    console_text("nan");
    return;
  }
  if (value < 0) {
    put('-');
    value = -value;
  }
  if (value == 0 || value > 3.4028234e38f) {
    console_text(value == 0 ? "0" : "inf");
    return;
  }
  int exponent = 0;
  for (; value >= 10.0f; ++exponent) {
    value /= 10.0f;
  }
  for (; value < 1.0f; --exponent) {
    value *= 10.0f;
  }
  uint32_t significand = (uint32_t)(value * 100000.0f + 0.5f);
  if (significand == 1000000u) { /* rounded up to the next power of ten */
    significand = 100000u;
    ++exponent;
  }
  char digits[6];
  int count = 6;
  for (int i = 5; i >= 0; --i) {
    digits[i] = (char)('0' + significand % 10u);
    significand /= 10u;
  }
  while (count > 1 && digits[count - 1] == '0') {
    --count;
  }
  if (exponent >= -5 && exponent <= 5) {
    put_digits(digits, count, exponent + 1);
  } else {
    put_digits(digits, count, 1);
    put('e');
    console_integer(exponent);
  }
}

void console_exit(int status) {
  if (line.length != 0) {
    flush();
  }
  console_port_exit(status);
}
