/* The matcher: it takes records at a position of a buffer, XML and JSON, one behind the other, by the plans of their
 * shapes, and gives the JSON line of each.
 *
 * A plan comes as a program of two parts, made by stream_cb/events/line_program.py: what a record is made of, byte
 * after byte, and what its line is made of. The first part leaves where each text lies in spans; the second puts the
 * line together of fixed bytes and those texts. What no text of a line may hold is looked for while texts are passed
 * over. A record that is anything else than the program says, cut off or over the limit ends the run: it is the
 * caller's, who has a parser.
 *
 * The program is trusted, and checked only as far as it costs nothing; the bytes are not. Nothing is read outside the
 * buffer, nothing is kept between two calls, and a plan does not change.
 */
#define _GNU_SOURCE /* memmem, which the C libraries of Linux, macOS and the BSDs have */
#define Py_LIMITED_API 0x030b0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

#define IS_DIGIT(character) ((character) >= '0' && (character) <= '9')
#define IS_LETTER(character) (((character) | 0x20) >= 'a' && ((character) | 0x20) <= 'z')

typedef unsigned char byte;

/* What a step does. `text`, `slot`, `slots` and `jump` are its operands; a slot is a span of the current frame. */
enum op {
    /* The record. A step that does not fit undoes all since the latest CHOICE and goes on at that one's jump. */
    FIXED,     /* text */
    SPACE,     /* any white space between elements */
    TEXT,      /* slot := up to the next tag */
    SOME_TEXT, /* the same, of at least one byte */
    STRING,    /* slot := up to the quote that ends a string of JSON */
    SOME_STRING, /* the same, of at least one byte */
    INT,       /* slot := a whole number as JSON writes it */
    FLAG,      /* slot := true, or nothing for false */
    TIME,      /* slot := the day, and the next two := up to the hours of the offset, and its minutes */
    MARK,      /* slot := text */
    CHOICE,    /* what follows may fail; undoing it makes as many `slots` from `slot` on absent */
    COMMIT,    /* it did not: jump */
    REFUSE,    /* it should have: fail, and not at the latest CHOICE but at the one before */
    ITEM,      /* an element of the run at `slot` begins; it has a frame of so many `slots` */
    AGAIN,     /* it has ended: jump to the next one if `text` follows; slot: white space may stand before; slots: how
                * many bytes of the text stand between the two, and are not of the next one; no text: there is one only */
    ENDED,     /* the job has ended; its body may hold another one */
    MATCHED,   /* the record has ended, and its line begins */
    /* The line. */
    PUT,       /* text; a comma behind an opening bracket is left off */
    COPY,      /* what lies at slot */
    IF,        /* jump if that is absent or empty */
    EACH,      /* to the first frame of the run at slot */
    NEXT,      /* to the next one: jump; or back to the frame that the run is in */
    DONE,
};

static const char *const NAMES[] = {
    "fixed", "space", "text", "some_text", "string", "some_string", "int", "flag", "time", "mark", "choice", "commit",
    "refuse", "item", "again", "ended", "matched", "put", "copy", "if", "each", "next", "done",
};

struct step {
    enum op op;
    int slot, slots, jump;
    const byte *text; /* in the matcher's `texts` */
    Py_ssize_t length;
};

/* Where a text lies; absent: 0, 0. Of a run: its first frame, and one more than its last. A frame has one span before
 * its slots, and in that: the next frame of its run or 0, and the frame that the run is in. */
struct span {
    Py_ssize_t start, end;
};

struct choice {
    const struct step *step;
    const byte *at;
    Py_ssize_t frame;
};

#define MAX_CHOICES 32 /* they stand in each other as elements do, and callbacks have no more than ten levels */

typedef struct {
    PyObject_HEAD
    struct step *steps;
    byte *texts;                /* of all steps, one behind the other */
    Py_ssize_t slots;           /* of the outermost frame */
    Py_ssize_t body, job, tail; /* where a record without a declaration begins, its job, and what is behind that */
    Py_ssize_t line;
} Matcher;

/* The memory of a call: what it knows of the record at hand. All plans share it, so that it stays where it is fast. */
struct work {
    struct span *spans; /* its frames */
    Py_ssize_t used, span_room;
    byte *out; /* its line */
    Py_ssize_t length, out_room;
    int has_escapes; /* one of its texts is written otherwise in JSON than in XML */
};

/* Bytes at which a text has to be looked at, its end among them. */
static const byte IS_ODD[256] = {
    [0 ... 31] = 1, ['"'] = 1, ['&'] = 1, ['<'] = 1, ['>'] = 1, ['\\'] = 1, [127 ... 255] = 1,
};

/* ── Texts and values: behind it, or NULL ────────────────────────────────────────────────────────────────────────── */

/* One character beyond ASCII, in UTF-8, that XML allows; JSON allows two more, which are left to its parser. */
static const byte *behind_character(const byte *at, const byte *end)
{
    static const Py_UCS4 smallest[] = {0, 0x80, 0x800, 0x10000};
    int more = *at < 0xc0 ? 0 : *at < 0xe0 ? 1 : *at < 0xf0 ? 2 : *at < 0xf8 ? 3 : 0;
    if (more == 0 || end - at <= more)
        return NULL;
    Py_UCS4 code = *at & (0x3f >> more);
    for (int i = 1; i <= more; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return NULL;
        code = code << 6 | (at[i] & 0x3f);
    }
    int is_surrogate = code >= 0xd800 && code < 0xe000;
    if (code < smallest[more] || code > 0x10ffff || is_surrogate || code == 0xfffe || code == 0xffff)
        return NULL;
    return at + more + 1;
}

/* One of the five references that XML knows by itself; `meant` is the character. */
static const byte *behind_reference(const byte *at, const byte *end, byte *meant)
{
    static const struct { const char *text; int length; byte meant; } known[] = {
        {"&lt;", 4, '<'}, {"&gt;", 4, '>'}, {"&amp;", 5, '&'}, {"&quot;", 6, '"'}, {"&apos;", 6, '\''},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (end - at >= known[i].length && memcmp(at, known[i].text, known[i].length) == 0) {
            *meant = known[i].meant;
            return at + known[i].length;
        }
    }
    return NULL;
}

/* The next byte that ends a text or has to be looked at. */
static inline const byte *behind_plain(const byte *at, const byte *end)
{
    while (at < end && !IS_ODD[*at])
        at++;
    return at;
}

/* The rest of a text that goes on at such a byte; see `behind_text`. */
static const byte *behind_odd_text(struct work *work, const byte *start, const byte *at, const byte *end)
{
    byte meant;
    for (; at < end && *at != '<'; at = behind_plain(at, end)) {
        int is_escaped = *at == '"' || *at == '\\' || *at == '\t' || *at == '\n';
        work->has_escapes |= is_escaped || *at == '&';
        if (*at == '&')
            at = behind_reference(at, end, &meant);
        else if (*at >= 0x80)
            at = behind_character(at, end);
        else if (is_escaped)
            at++;
        else if (*at < 0x20 || *at == 0x7f || (*at == '>' && at - start >= 2 && at[-1] == ']' && at[-2] == ']'))
            at = NULL;
        else
            at++;
        if (at == NULL)
            return NULL;
    }
    return at == end ? NULL : at;
}

/* A text up to the tag that ends it: no control character but tabs and line feeds, no "]]>", no reference to what a
 * parser would have to know. Most have nothing odd, and are told from others without a call. */
static inline const byte *behind_text(struct work *work, const byte *start, const byte *end)
{
    const byte *at = behind_plain(start, end);
    return at < end && *at == '<' ? at : behind_odd_text(work, start, at, end);
}

/* The inside of a string that JSON would write as it stands here: none of its escapes but those that have to be. */
static const byte *behind_odd_string(const byte *at, const byte *end)
{
    for (; at < end && *at != '"'; at = behind_plain(at, end)) {
        if (*at == '\\')
            at = end - at > 1 && at[1] != 0 && strchr("\"\\bfnrt", at[1]) != NULL ? at + 2 : NULL;
        else if (*at >= 0x80)
            at = behind_character(at, end);
        else
            at = *at < 0x20 || *at == 0x7f ? NULL : at + 1;
        if (at == NULL)
            return NULL;
    }
    return at == end ? NULL : at;
}

static inline const byte *behind_string(const byte *at, const byte *end)
{
    at = behind_plain(at, end);
    return at < end && *at == '"' ? at : behind_odd_string(at, end);
}

/* A whole number: no zero in front, no more than 18 digits. */
static const byte *behind_int(const byte *at, const byte *end)
{
    if (at < end && *at == '0')
        return at + 1;
    at += at < end && *at == '-';
    const byte *start = at;
    while (at < end && at - start < 18 && IS_DIGIT(*at))
        at++;
    return at == start || *start == '0' ? NULL : at;
}

/* Whether they are the same bytes. The texts of a program are so short that a call of memcmp takes longer than this. */
static inline int are_same(const byte *one, const byte *other, Py_ssize_t length)
{
    uint64_t here, there;
    if (length < 8) {
        while (length > 0 && one[length - 1] == other[length - 1])
            length--;
        return length == 0;
    }
    for (Py_ssize_t place = 0;; place = place + 16 <= length ? place + 8 : length - 8) {
        memcpy(&here, one + place, 8);
        memcpy(&there, other + place, 8);
        if (here != there || place == length - 8)
            return here == there;
    }
}

static inline const byte *behind_fixed(const byte *at, const byte *end, const void *text, Py_ssize_t length)
{
    return end - at >= length && are_same(at, text, length) ? at + length : NULL;
}

/* Two digits as a number; -1 for anything else. */
static int two_digits(const byte *at)
{
    return IS_DIGIT(at[0]) && IS_DIGIT(at[1]) ? (at[0] - '0') * 10 + at[1] - '0' : -1;
}

/* A time of a day that every year has, with seconds and an offset of a whole hour or more; its parts, see TIME. */
static const byte *behind_time(const byte *text, const byte *at, const byte *end, struct span *parts)
{
    static const char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (end - at < 25) /* as long as it can be; the shorter form has a byte of its end tag behind it */
        return NULL;
    const byte *tail = at + 22 + (at[22] == ':');
    int month = two_digits(at + 5), day = two_digits(at + 8), hour = two_digits(at + 11), minute = two_digits(at + 14);
    int second = two_digits(at + 17), ahead = two_digits(at + 20), minutes = two_digits(tail);
    if ((at[0] != '1' && at[0] != '2') || !IS_DIGIT(at[1]) || two_digits(at + 2) < 0 || at[4] != '-' || at[7] != '-'
        || month < 1 || month > 12 || day < 1 || day > days[month - 1] || (at[10] != 'T' && at[10] != ' ')
        || hour < 0 || hour > 23 || at[13] != ':' || minute < 0 || minute > 59 || at[16] != ':' || second < 0
        || second > 59 || (at[19] != '+' && at[19] != '-') || ahead < 1 || ahead > 23 || minutes < 0 || minutes > 59)
        return NULL;
    parts[0] = (struct span){at - text, at + 10 - text};
    parts[1] = (struct span){at + 11 - text, at + 22 - text};
    parts[2] = (struct span){tail - text, tail + 2 - text};
    return tail + 2;
}

static const byte *behind_space(const byte *at, const byte *end)
{
    static const byte spaces[8] = "        ";
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n'))
        at += end - at >= 8 && memcmp(at, spaces, 8) == 0 ? 8 : 1;
    return at;
}

/* Between records. Inside one, a parser of XML would make a line feed of a carriage return. */
static const byte *behind_blanks(const byte *at, const byte *end)
{
    while (at < end && (*at == '\r' || behind_space(at, end) != at))
        at++;
    return at;
}

/* ── The record ──────────────────────────────────────────────────────────────────────────────────────────────────── */

/* The block with room for as much as is wanted; NULL, with an exception, if there is no memory: it is then as it was. */
static void *with_room(void *block, Py_ssize_t *room, Py_ssize_t wanted, size_t size)
{
    if (wanted <= *room)
        return block;
    void *grown = PyMem_Realloc(block, 2 * wanted * size);
    if (grown == NULL)
        return PyErr_NoMemory();
    *room = 2 * wanted;
    return grown;
}

/* A frame whose slots are all absent; -1, with an exception, if there is no memory. */
static Py_ssize_t new_frame(struct work *work, Py_ssize_t slots, Py_ssize_t parent)
{
    Py_ssize_t frame = work->used;
    struct span *spans = with_room(work->spans, &work->span_room, frame + slots + 1, sizeof *spans);
    if (spans == NULL)
        return -1;
    work->spans = spans;
    memset(spans + frame, 0, (slots + 1) * sizeof *spans);
    spans[frame].end = parent;
    work->used = frame + slots + 1;
    return frame;
}

/* Match from a step on, to the end of the record, or of its job only; behind it, or NULL, with an exception only if
 * there is no memory. */
static const byte *match(const Matcher *self, struct work *work, const byte *text, const byte *at, const byte *end,
                         const struct step *step, int is_job)
{
    struct choice choices[MAX_CHOICES];
    int depth = 0;
    work->used = work->has_escapes = 0;
    Py_ssize_t frame = new_frame(work, self->slots, 0);
    if (frame < 0)
        return NULL;
    for (;; step++) {
        const byte *behind = at;
        struct span *span = work->spans + frame + 1 + step->slot;
        switch (step->op) {
        case FIXED: behind = behind_fixed(at, end, step->text, step->length); break;
        case SPACE: behind = behind_space(at, end); break;
        case TEXT: behind = behind_text(work, at, end); break;
        case SOME_TEXT: behind = at < end && *at != '<' ? behind_text(work, at, end) : NULL; break;
        case STRING: behind = behind_string(at, end); break;
        case SOME_STRING: behind = at < end && *at != '"' ? behind_string(at, end) : NULL; break;
        case INT: behind = behind_int(at, end); break;
        case FLAG: behind = behind_fixed(at, end, "true", 4); break;
        case MARK: behind = behind_fixed(at, end, step->text, step->length); break;
        case TIME: behind = behind_time(text, at, end, span); break;
        case CHOICE:
            if (depth == MAX_CHOICES)
                return NULL;
            choices[depth++] = (struct choice){step, at, frame};
            continue;
        case COMMIT:
            depth--;
            step = self->steps + step->jump - 1;
            continue;
        case REFUSE:
            depth--;
            behind = NULL;
            break;
        case ITEM: {
            Py_ssize_t item = new_frame(work, step->slots, frame);
            if (item < 0)
                return NULL;
            span = work->spans + frame + 1 + step->slot;
            if (span->start == 0)
                span->start = item;
            else
                work->spans[span->end - 1].start = item;
            span->end = item + 1;
            frame = item;
            continue;
        }
        case AGAIN: {
            frame = work->spans[frame].end;
            const byte *next = step->slot ? behind_space(at, end) : at;
            if (step->length && behind_fixed(next, end, step->text, step->length)) {
                at = next + step->slots;
                step = self->steps + step->jump - 1;
            }
            continue;
        }
        case ENDED:
            if (is_job)
                return at;
            continue;
        default: return at; /* MATCHED */
        }
        if (behind != NULL && step->op >= TEXT && step->op <= MARK && step->op != TIME)
            *span = (struct span){at - text, behind - text};
        if (behind == NULL && step->op == FLAG)
            behind = behind_fixed(at, end, "false", 5);
        if (behind == NULL) {
            if (depth == 0)
                return NULL;
            struct choice *choice = &choices[--depth];
            frame = choice->frame;
            at = choice->at;
            span = work->spans + frame + 1 + choice->step->slot;
            memset(span, 0, choice->step->slots * sizeof *span);
            step = self->steps + choice->step->jump - 1;
            continue;
        }
        at = behind;
    }
}

/* ── The line ────────────────────────────────────────────────────────────────────────────────────────────────────── */

/* Add bytes to the line, or a text with its references, all of them known, resolved and escaped for JSON; 0, with an
 * exception, if there is no memory. */
static int put(struct work *work, const byte *at, Py_ssize_t length, int has_escapes)
{
    byte *out = with_room(work->out, &work->out_room, work->length + 2 * length + 1, 1);
    if (out == NULL)
        return 0;
    work->out = out;
    out += work->length;
    for (const byte *end = at + length; has_escapes && at < end;) {
        byte meant = *at;
        at = meant == '&' ? behind_reference(at, end, &meant) : at + 1;
        if (meant == '"' || meant == '\\' || meant == '\t' || meant == '\n')
            *out++ = '\\';
        *out++ = meant == '\t' ? 't' : meant == '\n' ? 'n' : meant;
    }
    if (!has_escapes) {
        memcpy(out, at, length);
        out += length;
    }
    work->length = out - work->out;
    return 1;
}

/* Write the line of the record that was matched; 0, with an exception, if there is no memory. */
static int write_line(const Matcher *self, struct work *work, const byte *text)
{
    Py_ssize_t frame = 0;
    work->length = 0;
    for (const struct step *step = self->steps + self->line; step->op != DONE; step++) {
        const struct span *span = work->spans + frame + 1 + step->slot;
        if (step->op == PUT) {
            byte last = work->length ? work->out[work->length - 1] : 0;
            int skipped = *step->text == ',' && (last == '{' || last == '[');
            if (!put(work, step->text + skipped, step->length - skipped, 0))
                return 0;
        } else if (step->op == COPY) {
            if (!put(work, text + span->start, span->end - span->start, work->has_escapes))
                return 0;
        } else if (step->op == EACH) {
            frame = span->start;
        } else if (step->op == NEXT && work->spans[frame].start == 0) {
            frame = work->spans[frame].end;
        } else if (step->op == NEXT) {
            frame = work->spans[frame].start;
            step = self->steps + step->jump - 1;
        } else if (span->start == span->end) { /* IF */
            step = self->steps + step->jump - 1;
        }
    }
    return 1;
}

/* ── The subject of a record ─────────────────────────────────────────────────────────────────────────────────────────
 *
 * It names the plan that may take a record, and decides nothing: all of what it was told by is matched again. The same
 * as stream_cb/events/subjects.py. */

#define LONGEST_NAME 64
#define STRETCH(text) (text), (Py_ssize_t)(sizeof(text) - 1)

struct subject {
    byte name[LONGEST_NAME + 1]; /* how the record is written, and the name of its Tag or event */
    Py_ssize_t length;
    int is_job;                  /* it is a Tag */
    const byte *inside, *stop;   /* of a job: where it begins, or somewhere before, and where its record ends */
};

/* A name of letters and digits, which becomes the subject's. */
static const byte *behind_name(const byte *at, const byte *end, struct subject *subject)
{
    const byte *start = at;
    while (at < end && at - start < LONGEST_NAME && (IS_LETTER(*at) || IS_DIGIT(*at)))
        at++;
    memcpy(subject->name + 1, start, at - start);
    subject->length = at - start + 1;
    return at == start ? NULL : at;
}

/* The next place at which the text stands; `memmem` skips as many bytes as the text has, where it can. */
static const byte *find(const byte *at, const byte *end, const char *text, Py_ssize_t length)
{
    return memmem(at, end - at, text, length);
}

/* The last place at which the text stands, found by its second character, which is a capital letter. */
static const byte *find_last(const byte *at, const byte *end, const char *text, Py_ssize_t length)
{
    for (const byte *place = end - length; place >= at; place--)
        if (place[1] == (byte)text[1] && memcmp(place, text, length) == 0)
            return place;
    return NULL;
}

/* Behind texts that stand one behind the other, white space between them; NULL if `at` was, or they do not. */
static const byte *behind_word(const byte *at, const byte *end, const char *text, Py_ssize_t length)
{
    return at == NULL ? NULL : behind_fixed(behind_blanks(at, end), end, text, length);
}

static int is_finish(const struct subject *subject)
{
    return subject->length == 11 && memcmp(subject->name + 1, "TaskFinish", 10) == 0;
}

/* The Tag of the job that ends before `stop`, which is its last one: some Operations have others. */
static int tag_of_xml(const byte *at, const byte *stop, const byte *end, struct subject *subject)
{
    at = find_last(at, stop, STRETCH("<Tag>"));
    at = at == NULL ? NULL : behind_name(at + 5, end, subject);
    return at != NULL && behind_fixed(at, end, STRETCH("</")) != NULL;
}

/* The Tag that stands there. */
static int tag_of_json(const byte *at, const byte *end, struct subject *subject)
{
    at = behind_word(at, end, STRETCH("\"Tag\""));
    at = behind_word(at, end, STRETCH(":"));
    at = behind_word(at, end, STRETCH("\""));
    return at != NULL && (at = behind_name(at, end, subject)) != NULL && at < end && *at == '"';
}

/* Where the end tag of the record begins: at the end of its line, or else, if that may not be, the first one. */
static const byte *stop_of_xml(const byte *at, const byte *end, int by_line)
{
    if (!by_line)
        return find(at, end, STRETCH("</Response>"));
    const byte *line = memchr(at, '\n', end - at);
    int is_stop = line != NULL && line - at >= 11 && behind_fixed(line - 11, line, STRETCH("</Response>")) != NULL;
    return is_stop ? line - 11 : NULL;
}

/* Where the record ends: with its line, or else, at the latest, where another one is named, or begins in XML. */
static const byte *stop_of_json(const byte *at, const byte *end, int by_line)
{
    if (by_line) {
        const byte *line = memchr(at, '\n', end - at);
        return line != NULL && line > at && line[-1] == '}' ? line : NULL;
    }
    const byte *stop = find(at, end, STRETCH("\"EventName\":"));
    stop = stop == NULL ? end : stop;
    const byte *begin = find(at, stop, STRETCH("<Response>"));
    return begin == NULL ? stop : begin;
}

static int subject_of_xml(const byte *at, const byte *end, int by_line, struct subject *subject)
{
    subject->name[0] = '<';
    if (behind_fixed(at, end, STRETCH("<?xml ")))
        at = behind_word(find(at, end, STRETCH("?>")), end, STRETCH("?>"));
    at = behind_word(at, end, STRETCH("<Response>"));
    at = behind_word(at, end, STRETCH("<EventName>"));
    if (at == NULL || (at = behind_name(at, end, subject)) == NULL)
        return 0;
    subject->is_job = is_finish(subject);
    if (!subject->is_job)
        return behind_fixed(at, end, STRETCH("</")) != NULL;
    subject->inside = at;
    subject->stop = stop_of_xml(at, end, by_line);
    return subject->stop != NULL && tag_of_xml(at, subject->stop, end, subject);
}

static int subject_of_json(const byte *at, const byte *end, int by_line, struct subject *subject)
{
    at = behind_word(at, end, STRETCH("{"));
    at = behind_word(at, end, STRETCH("\"EventName\""));
    at = behind_word(at, end, STRETCH(":"));
    at = behind_word(at, end, STRETCH("\""));
    if (at == NULL || (at = behind_name(at, end, subject)) == NULL)
        return 0;
    at = behind_word(at, end, STRETCH("\""));
    at = behind_word(at, end, STRETCH(","));
    if (at == NULL)
        return 0;
    const byte *inside = behind_word(at, end, STRETCH("\"JobsDetail\""));
    inside = inside == NULL ? behind_word(at, end, STRETCH("\"WorkflowExecution\"")) : inside;
    inside = behind_word(inside, end, STRETCH(":"));
    inside = inside == NULL ? NULL : behind_blanks(inside, end);
    int is_wrapped = inside != NULL && inside < end && (*inside == '{' || *inside == '[');
    subject->name[0] = is_wrapped ? *inside : '"';
    subject->is_job = is_finish(subject);
    if (!subject->is_job)
        return 1;
    if (!is_wrapped)
        return tag_of_json(at, end, subject);
    subject->inside = behind_blanks(inside + 1, end);
    subject->stop = stop_of_json(subject->inside, end, by_line);
    return subject->stop != NULL
           && tag_of_json(find_last(subject->inside, subject->stop, STRETCH("\"Tag\"")), end, subject);
}

/* ── Records one behind the other ────────────────────────────────────────────────────────────────────────────────── */

static void free_matcher(PyObject *object);

static int is_matcher(PyObject *object)
{
    return PyType_GetSlot(Py_TYPE(object), Py_tp_dealloc) == (void *)free_matcher;
}

/* In which ways they may stand there; see stream_cb/runs.py. */
enum ways { XML = 1, JSON = 2, DECLARED = 4, COMMAS = 8 };

/* After so many records of one subject the next one is taken for such a one without a look. */
#define STREAK 4

/* What is taken in a call. plans: by subject. runs: of lines of one plan each, a list of (subject, how many), or a dict
 * if nobody asks for their order; subject: of the last one, which is not among them yet. spans: NULL if nobody asks. */
struct take {
    PyObject *plans, *lines, *runs, *subject, *spans;
    struct work *work;
    Matcher *plan;
    Py_ssize_t streak, position, records, record_bytes;
    int ways;
};

/* Note that so many lines are of a subject; 0 with an exception. */
static int note_run(PyObject *runs, PyObject *subject, Py_ssize_t lines)
{
    int is_list = PyList_Check(runs);
    PyObject *known = is_list ? NULL : PyDict_GetItemWithError(runs, subject);
    if (known != NULL)
        lines += PyLong_AsSsize_t(known);
    PyObject *run = NULL;
    if (!PyErr_Occurred())
        run = is_list ? Py_BuildValue("(On)", subject, lines) : PyLong_FromSsize_t(lines);
    int is_there = run != NULL && (is_list ? PyList_Append(runs, run) : PyDict_SetItem(runs, subject, run)) == 0;
    Py_XDECREF(run);
    return is_there;
}

/* Note the last run, if there was one; 0 with an exception. */
static int end_run(struct take *take)
{
    int is_there = take->subject == NULL || note_run(take->runs, take->subject, take->streak);
    Py_CLEAR(take->subject);
    take->plan = NULL;
    take->streak = 0;
    return is_there;
}

/* Add the line of what this plan has matched; it begins a run if the one before was another's; 0 with an exception. */
static int add_line(struct take *take, Matcher *plan, const struct subject *subject, const byte *text)
{
    if (plan != take->plan) {
        if (!end_run(take))
            return 0;
        take->subject = PyBytes_FromStringAndSize((const char *)subject->name, subject->length);
        take->plan = plan;
    }
    if (take->subject == NULL || !write_line(plan, take->work, text))
        return 0;
    PyObject *line = PyBytes_FromStringAndSize((const char *)take->work->out, take->work->length);
    int is_there = line != NULL && PyList_Append(take->lines, line) == 0;
    Py_XDECREF(line);
    take->streak++;
    return is_there;
}

/* The plan of a subject; NULL if there is none, perhaps with an exception. */
static Matcher *plan_of(const struct take *take, const struct subject *subject)
{
    PyObject *key = PyBytes_FromStringAndSize((const char *)subject->name, subject->length);
    PyObject *plan = key == NULL ? NULL : PyDict_GetItemWithError(take->plans, key);
    Py_XDECREF(key);
    return plan != NULL && is_matcher(plan) ? (Matcher *)plan : NULL;
}

/* Behind the record at `at` if this plan takes it, whose line is then added; NULL else, perhaps with an exception. */
static const byte *taken(struct take *take, Matcher *plan, const struct subject *subject, const byte *text,
                         const byte *at, const byte *end)
{
    at = match(plan, take->work, text, at, end, plan->steps + (take->ways & DECLARED ? 0 : plan->body), 0);
    return at != NULL && add_line(take, plan, subject, text) ? at : NULL;
}

/* Where the job behind the one at `at` begins, or NULL. The one at `at` ends before `stop`. Of XML the next one is told
 * by the tags between the two; of JSON, by what this one begins with, up to its first name. */
static const byte *behind_job(const byte *at, const byte **stop, int is_xml)
{
    const byte *end = *stop;
    if (is_xml) {
        const byte *closing = find(at, end, STRETCH("</JobsDetail>"));
        if (closing == NULL)
            return NULL;
        *stop = closing;
        at = behind_space(closing + 13, end);
        return behind_fixed(at, end, STRETCH("<JobsDetail>")) == NULL ? NULL : at;
    }
    const byte *name = at < end && *at == '{' ? behind_space(at + 1, end) : end;
    if (name == end || *name != '"')
        return NULL;
    const byte *close = name + 1;
    while (close < end && *close != '"' && *close != '\\')
        close++;
    if (close == end || *close != '"' || close - name < 2 || close - name > LONGEST_NAME + 1)
        return NULL;
    const byte *next = find(at + 1, end, (const char *)at, close + 1 - at);
    if (next != NULL)
        *stop = next;
    return next;
}

/* Add the lines of the jobs of a body with several, each by the plan of its own Tag; behind the body, or NULL, perhaps
 * with an exception: lines of the first jobs may have been added by then. */
static const byte *jobs_taken(struct take *take, const struct subject *body, const byte *text, const byte *at,
                              const byte *end)
{
    int is_xml = *at == '<';
    const byte *job = body->inside;
    for (int count = 0;; count++) {
        struct subject subject;
        subject.name[0] = body->name[0];
        const byte *stop = body->stop, *next = behind_job(job, &stop, is_xml);
        if (count == 0 && next == NULL)
            return NULL;
        if (is_xml ? !tag_of_xml(job, stop, end, &subject)
                   : !tag_of_json(find_last(job, stop, STRETCH("\"Tag\"")), end, &subject))
            return NULL;
        Matcher *plan = plan_of(take, &subject);
        if (plan == NULL || plan->job == 0)
            return NULL;
        Py_ssize_t first = count > 0 ? plan->job : take->ways & DECLARED ? 0 : plan->body;
        at = match(plan, take->work, text, at, end, plan->steps + first, 1);
        if (at == NULL || !add_line(take, plan, &subject, text))
            return NULL;
        if (next == NULL)
            return match(plan, take->work, text, at, end, plan->steps + plan->tail, 0);
        at = behind_space(at, end);
        if (!is_xml)
            at = at < end && *at == ',' ? behind_space(at + 1, end) : NULL;
        if (at != next)
            return NULL;
        job = next;
    }
}

/* As that, but nothing is added unless all jobs are taken. */
static const byte *body_taken(struct take *take, const struct subject *body, const byte *text, const byte *at,
                              const byte *end)
{
    struct take jobs = {.plans = take->plans, .lines = PyList_New(0), .runs = PyList_New(0), .work = take->work,
                        .ways = take->ways};
    const byte *behind = NULL;
    if (jobs.lines != NULL && jobs.runs != NULL)
        behind = jobs_taken(&jobs, body, text, at, end);
    if (!PyErr_Occurred() && end_run(&jobs) && behind != NULL) {
        Py_ssize_t lines = PyList_Size(take->lines), subject_lines;
        int is_there = end_run(take) && PyList_SetSlice(take->lines, lines, lines, jobs.lines) == 0;
        for (Py_ssize_t i = 0; is_there && i < PyList_Size(jobs.runs); i++) {
            PyObject *subject;
            is_there = PyArg_ParseTuple(PyList_GetItem(jobs.runs, i), "On", &subject, &subject_lines)
                       && note_run(take->runs, subject, subject_lines);
        }
        behind = is_there ? behind : NULL;
    }
    Py_XDECREF(jobs.lines);
    Py_XDECREF(jobs.runs);
    Py_XDECREF(jobs.subject);
    return behind;
}

/* Behind the record at `at`, if the plan of its subject takes it, or that of the record before, unless that was tried,
 * or if it has several jobs and their plans do; else NULL. A subject may be mistaken: what stands behind a record may
 * look like a part of it. It is told by the record's line first, of which the end is found in a tenth of the time. */
static const byte *taken_anew(struct take *take, const byte *text, const byte *at, const byte *end, int was_tried)
{
    struct subject subject;
    Matcher *last = take->plan, *tried = NULL;
    const byte *behind = NULL;
    int has_subject = 0;
    for (int by_line = 1; by_line >= 0 && behind == NULL && !PyErr_Occurred(); by_line--) {
        has_subject = *at == '<' ? subject_of_xml(at, end, by_line, &subject)
                                 : subject_of_json(at, end, by_line, &subject);
        Matcher *plan = has_subject ? plan_of(take, &subject) : NULL;
        if (plan == NULL || plan == tried || (plan == last && was_tried))
            continue;
        behind = taken(take, plan, &subject, text, at, end);
        was_tried |= plan == last;
        tried = plan;
    }
    if (behind == NULL && !was_tried && !PyErr_Occurred())
        behind = taken(take, last, NULL, text, at, end);
    if (behind == NULL && has_subject && subject.is_job && strchr("<[", subject.name[0]) && !PyErr_Occurred())
        behind = body_taken(take, &subject, text, at, end);
    return behind;
}

/* Take one record; 0 if there is none to be had, perhaps with an exception. */
static int take_one(struct take *take, const byte *text, const byte *all, Py_ssize_t max_bytes)
{
    const byte *at = text + take->position, *behind = NULL;
    if (take->ways & COMMAS && take->records > 0)
        at = behind_word(at, all, STRETCH(","));
    at = at == NULL ? NULL : behind_blanks(at, all);
    if (at == NULL || at == all || max_bytes < 0 || !(take->ways & (*at == '<' ? XML : *at == '{' ? JSON : 0)))
        return 0;
    const byte *end = all - at > max_bytes ? at + max_bytes : all;
    Py_ssize_t before = PyList_Size(take->lines);
    int was_tried = take->plan == NULL; /* the plan of the record before */
    if (take->streak >= STREAK) {
        behind = taken(take, take->plan, NULL, text, at, end);
        was_tried = 1;
    }
    if (behind == NULL && !PyErr_Occurred())
        behind = taken_anew(take, text, at, end, was_tried);
    if (behind == NULL || PyErr_Occurred())
        return 0;
    for (Py_ssize_t line = PyList_Size(take->lines); take->spans != NULL && line > before; line--) {
        PyObject *span = Py_BuildValue("(nn)", (Py_ssize_t)(at - text), (Py_ssize_t)(behind - at));
        int is_there = span != NULL && PyList_Append(take->spans, span) == 0;
        Py_XDECREF(span);
        if (!is_there)
            return 0;
    }
    take->records++;
    take->record_bytes += behind - at;
    take->position = behind - text;
    return 1;
}

/* run(plans, buffer, position, max_bytes, ways, with_spans, in_order) -> (lines, runs, spans, records, record_bytes,
 * end), as _matcher.pyi has it. */
static PyObject *run(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    struct work work = {0};
    struct take take = {.work = &work};
    PyObject *buffer;
    Py_ssize_t max_bytes, size;
    int with_spans, in_order;
    char *bytes;
    if (!PyArg_ParseTuple(arguments, "O!Snnipp", &PyDict_Type, &take.plans, &buffer, &take.position, &max_bytes,
                          &take.ways, &with_spans, &in_order)
        || PyBytes_AsStringAndSize(buffer, &bytes, &size) < 0)
        return NULL;
    take.lines = PyList_New(0);
    take.runs = in_order ? PyList_New(0) : PyDict_New();
    take.spans = with_spans ? PyList_New(0) : NULL;
    take.position = take.position < 0 || take.position > size ? size : take.position;
    PyObject *runs = NULL;
    if (take.lines != NULL && take.runs != NULL && (take.spans != NULL || !with_spans)) {
        while (take_one(&take, (const byte *)bytes, (const byte *)bytes + size, max_bytes))
            ;
        if (!PyErr_Occurred() && end_run(&take))
            runs = in_order ? Py_NewRef(take.runs) : PyDict_Items(take.runs);
    }
    PyMem_Free(work.spans);
    PyMem_Free(work.out);
    Py_XDECREF(take.runs);
    Py_XDECREF(take.subject);
    if (runs != NULL)
        return Py_BuildValue("(NNNnnn)", take.lines, runs, with_spans ? take.spans : Py_NewRef(Py_None), take.records,
                             take.record_bytes, take.position);
    Py_XDECREF(take.lines);
    Py_XDECREF(take.spans);
    return NULL;
}

/* ── The objects ─────────────────────────────────────────────────────────────────────────────────────────────────── */

/* Read the steps of a program, (name, slot, slots, jump, text) each; 0, with an exception, if it is none. */
static int read_program(Matcher *self, PyObject *program)
{
    Py_ssize_t size = PyTuple_Size(program), length = 0, i = 0;
    self->steps = PyMem_Calloc(size + 1, sizeof *self->steps);
    for (; self->steps != NULL && i < size; i++) {
        struct step *step = &self->steps[i];
        const char *name, *text;
        if (!PyArg_ParseTuple(PyTuple_GetItem(program, i), "siiiy#", &name, &step->slot, &step->slots, &step->jump,
                              &text, &step->length))
            return 0;
        step->text = (const byte *)text;
        length += step->length;
        while (step->op <= DONE && strcmp(NAMES[step->op], name) != 0)
            step->op++;
        if (step->op == ENDED)
            self->tail = i + 1;
        if (step->op == MATCHED)
            self->line = i + 1;
        if (step->op > DONE || step->slot < 0 || step->slots < 0 || step->jump < 0 || step->jump >= size)
            break;
    }
    self->texts = PyMem_Malloc(length);
    if (self->steps == NULL || self->texts == NULL) {
        PyErr_NoMemory();
        return 0;
    }
    int has_places = self->slots >= 0 && self->body >= 0 && self->body < size && self->job >= 0 && self->job < size
                     && self->tail > 0 && self->line > self->tail;
    if (i < size || !has_places || self->steps[size - 1].op != DONE) {
        PyErr_SetString(PyExc_ValueError, "not the program of a shape");
        return 0;
    }
    byte *texts = self->texts;
    for (struct step *step = self->steps; step < self->steps + size; texts += step++->length)
        step->text = memcpy(texts, step->text, step->length);
    return 1;
}

static PyObject *new_matcher(PyTypeObject *type, PyObject *arguments, PyObject *Py_UNUSED(named))
{
    PyObject *program;
    Py_ssize_t slots, body, job;
    if (!PyArg_ParseTuple(arguments, "Onnn", &program, &slots, &body, &job))
        return NULL;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Matcher *self = (Matcher *)allocate(type, 0);
    if (self == NULL)
        return NULL;
    self->slots = slots;
    self->body = body;
    self->job = job;
    PyObject *steps = PySequence_Tuple(program);
    if (steps == NULL || !read_program(self, steps))
        Py_CLEAR(self);
    Py_XDECREF(steps);
    return (PyObject *)self;
}

static void free_matcher(PyObject *object)
{
    Matcher *self = (Matcher *)object;
    PyTypeObject *type = Py_TYPE(object);
    PyMem_Free(self->steps);
    PyMem_Free(self->texts);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

static PyType_Slot type_slots[] = {{Py_tp_new, new_matcher}, {Py_tp_dealloc, free_matcher}, {0, NULL}};

static PyType_Spec type_spec = {"stream_cb._matcher.Matcher", sizeof(Matcher), 0, Py_TPFLAGS_DEFAULT, type_slots};

static int fill_module(PyObject *module)
{
    PyObject *type = PyType_FromModuleAndSpec(module, &type_spec, NULL);
    int failed = type == NULL || PyModule_AddType(module, (PyTypeObject *)type) < 0;
    Py_XDECREF(type);
    return -failed;
}

static PyMethodDef functions[] = {{"run", run, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL}};

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, fill_module}, {0, NULL}};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_matcher", NULL, 0, functions, module_slots, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__matcher(void)
{
    return PyModuleDef_Init(&module);
}
