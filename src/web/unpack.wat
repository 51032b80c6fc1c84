;; The module's way out of the default entry: characters and LZMA1 with one literal context bit, as scripts/inline-wasm.mjs
;; packs it, then what scripts/split-wasm.mjs sorted is joined. That is a quarter less than gzip makes of the module. Nothing
;; that comes with the platform unpacks at once: DecompressionStream is asynchronous. In JavaScript this takes four times as
;; long, as it runs once, before any compiler has seen it.
;;
;; The kinds of bits and all numbers of the first half are LZMA's, but for those of $octet.
(module
  ;; What is learnt of the bits is in the first 8 KiB, where each stream is read in the next; who calls adds what it takes
  ;; and room for what it gets.
  (memory (export "memory") 1)
  ;; Where the probabilities of each kind of bit begin: two octets each.
  (global $IS_MATCH i32 (i32.const 0))
  (global $IS_REPEATED i32 (i32.const 24))
  (global $IS_OLDER i32 (i32.const 48))
  (global $IS_THIRD i32 (i32.const 72))
  (global $IS_FOURTH i32 (i32.const 96))
  (global $IS_LONG i32 (i32.const 120))
  (global $SLOT i32 (i32.const 144))
  (global $SPECIAL i32 (i32.const 656))
  (global $ALIGN i32 (i32.const 886))
  (global $LENGTH i32 (i32.const 918))
  (global $REPEATED_LENGTH i32 (i32.const 1466))
  (global $LITERAL i32 (i32.const 2014))

  (global $from (mut i32) (i32.const 0))
  (global $range (mut i32) (i32.const -1))
  (global $code (mut i32) (i32.const 0))

  ;; The bits of characters that are no octet yet, and how many.
  (global $bits (mut i32) (i32.const 0))
  (global $held (mut i32) (i32.const 0))

  ;; The next octet of the text. A character, from # up to ~ without the backslash, is 6 bits if it is one of the first 37,
  ;; and else 7.
  (func $octet (result i32) (local $character i32) (local $few i32)
    (block $done (loop $again
      (br_if $done (i32.ge_u (global.get $held) (i32.const 8)))
      (local.set $character (i32.load8_u (global.get $from)))
      (global.set $from (i32.add (global.get $from) (i32.const 1)))
      (local.set $character (i32.sub
        (i32.sub (local.get $character) (i32.const 35))
        (i32.gt_u (local.get $character) (i32.const 92))))
      (local.set $few (i32.lt_u (local.get $character) (i32.const 37)))
      (global.set $held (i32.add (global.get $held) (i32.sub (i32.const 7) (local.get $few))))
      (global.set $bits (if (result i32) (local.get $few)
        (then (i32.or (i32.shl (global.get $bits) (i32.const 6)) (local.get $character)))
        (else (i32.add (i32.shl (global.get $bits) (i32.const 7)) (i32.add (local.get $character) (i32.const 37))))))
      (br $again)))
    (global.set $held (i32.sub (global.get $held) (i32.const 8)))
    (i32.and (i32.const 255) (i32.shr_u (global.get $bits) (global.get $held))))

  (func $refill
    (global.set $range (i32.shl (global.get $range) (i32.const 8)))
    (global.set $code (i32.or (i32.shl (global.get $code) (i32.const 8)) (call $octet))))

  ;; A bit, under a probability that learns from those before. It is kept less 1024, which all are at first.
  (func $bit (param $place i32) (result i32) (local $probability i32) (local $bound i32) (local $one i32)
    (local.set $probability (i32.xor (i32.load16_u (local.get $place)) (i32.const 1024)))
    (local.set $bound (i32.mul (i32.shr_u (global.get $range) (i32.const 11)) (local.get $probability)))
    (if (local.tee $one (i32.ge_u (global.get $code) (local.get $bound)))
      (then
        (global.set $code (i32.sub (global.get $code) (local.get $bound)))
        (global.set $range (i32.sub (global.get $range) (local.get $bound)))
        (local.set $probability (i32.sub (local.get $probability) (i32.shr_u (local.get $probability) (i32.const 5)))))
      (else
        (global.set $range (local.get $bound))
        (local.set $probability (i32.add (local.get $probability)
          (i32.shr_u (i32.sub (i32.const 2048) (local.get $probability)) (i32.const 5))))))
    (i32.store16 (local.get $place) (i32.xor (local.get $probability) (i32.const 1024)))
    (if (i32.lt_u (global.get $range) (i32.const 0x1000000)) (then (call $refill)))
    (local.get $one))

  ;; What is known of a number, below a one, and its next bit, whose probability is that of those before it.
  (func $longer (param $place i32) (param $node i32) (result i32)
    (i32.or
      (i32.shl (local.get $node) (i32.const 1))
      (call $bit (i32.add (local.get $place) (i32.shl (local.get $node) (i32.const 1))))))

  ;; A number below the power of two that is `end`, its highest bit first.
  (func $number (param $place i32) (param $end i32) (result i32) (local $node i32)
    (local.set $node (i32.const 1))
    (loop $next
      (local.set $node (call $longer (local.get $place) (local.get $node)))
      (br_if $next (i32.lt_u (local.get $node) (local.get $end))))
    (i32.sub (local.get $node) (local.get $end)))

  ;; A number, its lowest bit first.
  (func $reversed (param $place i32) (param $bits i32) (result i32) (local $node i32) (local $found i32) (local $at i32)
    (local.set $node (i32.const 1))
    (loop $next
      (local.set $node (call $longer (local.get $place) (local.get $node)))
      (local.set $found (i32.or (local.get $found)
        (i32.shl (i32.and (local.get $node) (i32.const 1)) (local.get $at))))
      (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (local.get $bits))))
    (local.get $found))

  ;; A number of whose bits nothing is known.
  (func $plain (param $bits i32) (result i32) (local $found i32) (local $one i32)
    (loop $next
      (global.set $range (i32.shr_u (global.get $range) (i32.const 1)))
      (if (local.tee $one (i32.ge_u (global.get $code) (global.get $range)))
        (then (global.set $code (i32.sub (global.get $code) (global.get $range)))))
      (local.set $found (i32.or (i32.shl (local.get $found) (i32.const 1)) (local.get $one)))
      (if (i32.lt_u (global.get $range) (i32.const 0x1000000)) (then (call $refill)))
      (br_if $next (local.tee $bits (i32.sub (local.get $bits) (i32.const 1)))))
    (local.get $found))

  (func $match_length (param $place i32) (result i32)
    (if (i32.eqz (call $bit (local.get $place))) (then
      (return (i32.add (i32.const 2) (call $number (i32.add (local.get $place) (i32.const 4)) (i32.const 8))))))
    (if (i32.eqz (call $bit (i32.add (local.get $place) (i32.const 2)))) (then
      (return (i32.add (i32.const 10) (call $number (i32.add (local.get $place) (i32.const 20)) (i32.const 8))))))
    (i32.add (i32.const 18) (call $number (i32.add (local.get $place) (i32.const 36)) (i32.const 256))))

  ;; How far back a match of so many octets begins, less one.
  (func $distance (param $matched i32) (result i32) (local $slot i32) (local $bits i32) (local $low i32)
    (local.set $matched (i32.sub (local.get $matched) (i32.const 2)))
    (local.set $slot (call $number
      (i32.add (global.get $SLOT) (i32.shl
        (select (local.get $matched) (i32.const 3) (i32.lt_u (local.get $matched) (i32.const 3)))
        (i32.const 7)))
      (i32.const 64)))
    (if (i32.lt_u (local.get $slot) (i32.const 4)) (then (return (local.get $slot))))
    (local.set $bits (i32.sub (i32.shr_u (local.get $slot) (i32.const 1)) (i32.const 1)))
    (local.set $low
      (i32.shl (i32.or (i32.const 2) (i32.and (local.get $slot) (i32.const 1))) (local.get $bits)))
    (i32.add (local.get $low)
      (if (result i32) (i32.lt_u (local.get $slot) (i32.const 14))
        (then (call $reversed
          (i32.add (global.get $SPECIAL) (i32.shl (i32.sub (local.get $low) (local.get $slot)) (i32.const 1)))
          (local.get $bits)))
        (else (i32.or
          (i32.shl (call $plain (i32.sub (local.get $bits) (i32.const 4))) (i32.const 4))
          (call $reversed (global.get $ALIGN) (i32.const 4)))))))

  ;; An octet, below a one. `other` is the one that a match would have gone on with, if `matches` was before it.
  (func $literal (param $before i32) (param $matches i32) (param $other i32) (result i32)
    (local $place i32) (local $node i32) (local $expected i32)
    (local.set $place (i32.add (global.get $LITERAL)
      (i32.mul (i32.const 0x600) (i32.shr_u (local.get $before) (i32.const 7)))))
    (local.set $node (i32.const 1))
    (loop $next
      (local.set $expected (i32.and (i32.const 1) (i32.shr_u (local.get $other) (i32.const 7))))
      (local.set $other (i32.shl (local.get $other) (i32.const 1)))
      (local.set $node (call $longer
        (i32.add (local.get $place)
          (i32.mul (local.get $matches) (i32.shl (i32.add (local.get $expected) (i32.const 1)) (i32.const 9))))
        (local.get $node)))
      (local.set $matches (i32.and (local.get $matches)
        (i32.eq (local.get $expected) (i32.and (local.get $node) (i32.const 1)))))
      (br_if $next (i32.lt_u (local.get $node) (i32.const 256))))
    (local.get $node))

  ;; Unpacks what is at `from` to where `to` is, up to `end`. There is an octet before `to`, which is 0.
  (func $expand (param $from i32) (param $to i32) (param $end i32)
    (local $after_literal i32) (local $matched i32) (local $newest i32)
    ;; What came before: literals, matches and their likes.
    (local $state i32)
    ;; How far back the last four matches began, the newest first, each less one.
    (local $first i32) (local $second i32) (local $third i32) (local $fourth i32)
    (global.set $from (local.get $from))
    ;; The first of five octets is always 0.
    (drop (call $octet))
    (loop $begin
      (call $refill)
      (br_if $begin (local.tee $matched (i32.and (i32.add (local.get $matched) (i32.const 1)) (i32.const 3)))))
    (global.set $range (i32.const -1))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $to) (local.get $end)))
      (local.set $after_literal (i32.lt_u (local.get $state) (i32.const 7)))
      (if (i32.eqz (call $bit (i32.add (global.get $IS_MATCH) (i32.shl (local.get $state) (i32.const 1)))))
        (then
          (i32.store8 (local.get $to) (call $literal
            (i32.load8_u (i32.sub (local.get $to) (i32.const 1)))
            (i32.eqz (local.get $after_literal))
            (i32.load8_u (i32.sub (i32.sub (local.get $to) (local.get $first)) (i32.const 1)))))
          (local.set $to (i32.add (local.get $to) (i32.const 1)))
          (local.set $state (i32.sub (local.get $state)
            (if (result i32) (i32.lt_u (local.get $state) (i32.const 4))
              (then (local.get $state))
              (else (select (i32.const 3) (i32.const 6) (i32.lt_u (local.get $state) (i32.const 10))))))))
        (else
          (if (i32.eqz (call $bit (i32.add (global.get $IS_REPEATED) (i32.shl (local.get $state) (i32.const 1)))))
            (then
              (local.set $matched (call $match_length (global.get $LENGTH)))
              (local.set $newest (call $distance (local.get $matched)))
              (local.set $fourth (local.get $third))
              (local.set $third (local.get $second))
              (local.set $second (local.get $first))
              (local.set $state (select (i32.const 7) (i32.const 10) (local.get $after_literal))))
            (else
              (local.set $matched (i32.const 0))
              (local.set $newest (local.get $first))
              (if (i32.eqz (call $bit (i32.add (global.get $IS_OLDER) (i32.shl (local.get $state) (i32.const 1)))))
                (then
                  (if (i32.eqz (call $bit (i32.add (global.get $IS_LONG) (i32.shl (local.get $state) (i32.const 1)))))
                    (then (local.set $matched (i32.const 1)))))
                (else
                  (local.set $newest (local.get $second))
                  (if (call $bit (i32.add (global.get $IS_THIRD) (i32.shl (local.get $state) (i32.const 1)))) (then
                    (local.set $newest (local.get $third))
                    (if (call $bit (i32.add (global.get $IS_FOURTH) (i32.shl (local.get $state) (i32.const 1)))) (then
                      (local.set $newest (local.get $fourth))
                      (local.set $fourth (local.get $third))))
                    (local.set $third (local.get $second))))
                  (local.set $second (local.get $first))))
              (local.set $state (select
                (i32.add (i32.const 8) (local.get $matched))
                (i32.const 11)
                (local.get $after_literal)))
              (if (i32.eqz (local.get $matched)) (then
                (local.set $matched (call $match_length (global.get $REPEATED_LENGTH)))))))
          (local.set $first (local.get $newest))
          (loop $copy
            (i32.store8 (local.get $to)
              (i32.load8_u (i32.sub (i32.sub (local.get $to) (local.get $first)) (i32.const 1))))
            (local.set $to (i32.add (local.get $to) (i32.const 1)))
            (br_if $copy (local.tee $matched (i32.sub (local.get $matched) (i32.const 1)))))))
      (br $next))))

  ;; The streams, as split-wasm.mjs numbers them: of instructions, of constants by what follows them, and these.
  (global $STREAMS i32 (i32.const 516))
  (global $BEFORE i32 (i32.const 512))
  (global $AFTER i32 (i32.const 513))
  (global $LOCALS i32 (i32.const 514))
  (global $CODE i32 (i32.const 515))
  ;; Where each of them is read, four octets each.
  (global $READ i32 (i32.const 0x2000))
  ;; Where the joined module goes on.
  (global $to (mut i32) (i32.const 0))

  ;; What follows an instruction, by bits: a number, an alignment before it, a constant, something rare. Up to f64.const, and
  ;; of the many whose first octet is the same.
  (global $KINDS i32 (i32.const 0x3000))
  (data (i32.const 0x3000)
    "\00\00\01\01\01\00\00\00\00\00\00\00\01\01\08\00"
    "\01\08\00\00\00\00\00\00\00\00\00\00\00\00\00\00"
    "\01\01\01\01\01\00\00\00\03\03\03\03\03\03\03\03"
    "\03\03\03\03\03\03\03\03\03\03\03\03\03\03\03\01"
    "\01\05\05\08\08")
  (data (i32.const 0x30fc) "\08")

  ;; Where it is noted where a stream is read.
  (func $reader (param $stream i32) (result i32)
    (i32.add (global.get $READ) (i32.shl (local.get $stream) (i32.const 2))))

  ;; How long a stream is: the low octets of all lengths are at `lengths`, then the high ones.
  (func $length (param $lengths i32) (param $stream i32) (result i32)
    (i32.or
      (i32.load8_u (i32.add (local.get $lengths) (local.get $stream)))
      (i32.shl (i32.load8_u offset=516 (i32.add (local.get $lengths) (local.get $stream))) (i32.const 8))))

  ;; The next octet of a stream.
  (func $next (param $stream i32) (result i32) (local $place i32) (local $from i32)
    (local.set $place (call $reader (local.get $stream)))
    (i32.store (local.get $place) (i32.add (local.tee $from (i32.load (local.get $place))) (i32.const 1)))
    (i32.load8_u (local.get $from)))

  (func $put (param $octet i32)
    (i32.store8 (global.get $to) (local.get $octet))
    (global.set $to (i32.add (global.get $to) (i32.const 1))))

  ;; Puts so many octets of a stream.
  (func $take (param $stream i32) (param $length i32)
    (block $done (loop $again
      (br_if $done (i32.eqz (local.get $length)))
      (call $put (call $next (local.get $stream)))
      (local.set $length (i32.sub (local.get $length) (i32.const 1)))
      (br $again))))

  ;; Puts a number of a stream: octets above 127 up to one below.
  (func $take_number (param $stream i32) (local $octet i32)
    (loop $again
      (call $put (local.tee $octet (call $next (local.get $stream))))
      (br_if $again (i32.ge_u (local.get $octet) (i32.const 128)))))

  ;; Puts a function, its size before it in three octets.
  (func $take_function (local $begin i32) (local $depth i32) (local $instruction i32) (local $kind i32) (local $stream i32)
    (local.set $begin (global.get $to))
    (global.set $to (i32.add (global.get $to) (i32.const 3)))
    (call $take (global.get $LOCALS) (call $next (global.get $LOCALS)))
    (local.set $depth (i32.const 1))
    (loop $again
      (call $put (local.tee $instruction (call $next (global.get $CODE))))
      (local.set $kind (i32.load8_u (i32.add (global.get $KINDS) (local.get $instruction))))
      ;; block, loop and if, and their end.
      (local.set $depth (i32.sub
        (i32.add (local.get $depth) (i32.lt_u (i32.sub (local.get $instruction) (i32.const 2)) (i32.const 3)))
        (i32.eq (local.get $instruction) (i32.const 0x0b))))
      (local.set $stream (if (result i32) (i32.and (local.get $kind) (i32.const 4))
        (then (i32.add (i32.const 256) (i32.load8_u (i32.load (call $reader (global.get $CODE))))))
        (else (local.get $instruction))))
      (if (i32.and (local.get $kind) (i32.const 2)) (then (call $put (i32.const 0))))
      (if (i32.and (local.get $kind) (i32.const 1)) (then (call $take_number (local.get $stream))))
      (if (i32.and (local.get $kind) (i32.const 8)) (then (call $take (local.get $stream) (call $next (local.get $stream)))))
      (br_if $again (local.get $depth)))
    (call $put_size (local.get $begin)))

  ;; Puts how many octets came since, in three octets of seven bits each.
  (func $put_size (param $begin i32) (local $size i32)
    (local.set $size (i32.sub (i32.sub (global.get $to) (local.get $begin)) (i32.const 3)))
    (i32.store8 (local.get $begin) (i32.or (local.get $size) (i32.const 128)))
    (i32.store8 offset=1 (local.get $begin) (i32.or (i32.shr_u (local.get $size) (i32.const 7)) (i32.const 128)))
    (i32.store8 offset=2 (local.get $begin) (i32.shr_u (local.get $size) (i32.const 14))))

  ;; Unpacks what is at `from` to where `to` is, up to `end`, and makes the module of it from there on: up to what this says.
  ;; There is an octet before `to`, which is 0.
  (func (export "unpack") (param $from i32) (param $to i32) (param $end i32) (result i32) (local $stream i32)
    (call $expand (local.get $from) (local.get $to) (local.get $end))
    (global.set $to (local.get $end))
    (local.set $from (i32.add (local.get $to) (i32.shl (global.get $STREAMS) (i32.const 1))))
    (loop $again
      (i32.store (call $reader (local.get $stream)) (local.get $from))
      (local.set $from (i32.add (local.get $from) (call $length (local.get $to) (local.get $stream))))
      (br_if $again (i32.lt_u
        (local.tee $stream (i32.add (local.get $stream) (i32.const 1)))
        (global.get $STREAMS))))
    (call $take (global.get $BEFORE) (call $length (local.get $to) (global.get $BEFORE)))
    (loop $again
      (call $take_function)
      (br_if $again (i32.lt_u (i32.load (call $reader (global.get $CODE))) (local.get $end))))
    (call $take (global.get $AFTER) (call $length (local.get $to) (global.get $AFTER)))
    (global.get $to)))
