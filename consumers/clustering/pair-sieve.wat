;; The sieve of `pair-sieve.ts`: squared distances between rows of whole numbers, and which pairs are near enough to be
;; looked at exactly. Whole numbers: the order of summation cannot matter, so `plain-sieve.ts`, its twin in plain
;; TypeScript, finds the same pairs. `assemble-sieve.ts` under test/ makes `pair-sieve-code.ts` of it.
;;
;; Memory: 0 norms of four left rows, 16 their limits, 32 scratch, 64 their fine limits (f64), 96 facts of the row that was
;; quantised last; what lies behind is laid out by the caller.
(module
  (memory (export "memory") 1)
  (global $stride (mut i32) (i32.const 0)) ;; dimensions, padded to a multiple of 16
  (global $right (mut i32) (i32.const 0)) ;; coarse right rows in twos, whose chunks of 16 bytes alternate
  (global $leftFine (mut i32) (i32.const 0)) ;; rows of 16 bit
  (global $rightFine (mut i32) (i32.const 0))
  (global $facts (mut i32) (i32.const 0)) ;; norm, limit (i32), fine limit (f64) of each right row
  (global $found (mut i32) (i32.const 0)) ;; place (i32), nothing (i32), fine squared distance (f64) of each pair
  (global $raw (mut i32) (i32.const 0)) ;; values of the row to be quantised, f32 or f64
  (global $centre (mut i32) (i32.const 0)) ;; f64

  (func (export "lay")
    (param $stride i32) (param $right i32) (param $leftFine i32) (param $rightFine i32)
    (param $facts i32) (param $found i32) (param $raw i32) (param $centre i32)
    (global.set $stride (local.get $stride))
    (global.set $right (local.get $right))
    (global.set $leftFine (local.get $leftFine))
    (global.set $rightFine (local.get $rightFine))
    (global.set $facts (local.get $facts))
    (global.set $found (local.get $found))
    (global.set $raw (local.get $raw))
    (global.set $centre (local.get $centre)))

  ;; Writes the fine numbers of the row at $raw, (value · factor − centre) · scale within ±16000, and the coarse ones. A coarse number stands for 2^$shift fine ones, is at most
  ;; $most and is stored with $bias added. Leaves at 96: squared norm and sum of the coarse numbers, squared error of the
  ;; coarse row in fine units, and whether a place is as far out as can be.
  (func (export "quantise")
    (param $single i32) (param $by f64) (param $to f64) (param $shift i32) (param $most i32)
    (param $bias i32) (param $coarse i32) (param $step i32) (param $fine i32)
    (local $v0 v128) (local $v1 v128) (local $v2 v128) (local $v3 v128)
    (local $round v128) (local $most64 v128) (local $least64 v128) (local $at i32) (local $from i32)
    (local $k i32) (local $j i32) (local $factor v128) (local $scale v128) (local $widest v128)
    (local $box v128) (local $half v128) (local $numbers v128) (local $codes v128) (local $error v128)
    (local $norm v128) (local $sum v128) (local $errors v128)
    (local.set $round (v128.const f64x2 6755399441055744 6755399441055744))
    (local.set $most64 (v128.const f64x2 16000 16000))
    (local.set $least64 (v128.const f64x2 -16000 -16000))
    (local.set $factor (f64x2.splat (local.get $by)))
    (local.set $scale (f64x2.splat (local.get $to)))
    (local.set $box (i16x8.splat (i32.shl (local.get $most) (local.get $shift))))
    (local.set $half (i16x8.splat (i32.shl (i32.const 1) (i32.sub (local.get $shift) (i32.const 1)))))
    (loop $chunks
      (local.set $j (i32.const 0))
      (loop $halves
        (local.set $at (i32.add (global.get $centre) (i32.shl (local.get $k) (i32.const 3))))
        (if (local.get $single)
          (then
            (local.set $from (i32.add (global.get $raw) (i32.shl (local.get $k) (i32.const 2))))
            (local.set $v0 (f64x2.promote_low_f32x4 (v128.load64_zero offset=0 (local.get $from))))
            (local.set $v1 (f64x2.promote_low_f32x4 (v128.load64_zero offset=8 (local.get $from))))
            (local.set $v2 (f64x2.promote_low_f32x4 (v128.load64_zero offset=16 (local.get $from))))
            (local.set $v3 (f64x2.promote_low_f32x4 (v128.load64_zero offset=24 (local.get $from)))))
          (else
            (local.set $from (i32.add (global.get $raw) (i32.shl (local.get $k) (i32.const 3))))
            (local.set $v0 (v128.load offset=0 (local.get $from)))
            (local.set $v1 (v128.load offset=16 (local.get $from)))
            (local.set $v2 (v128.load offset=32 (local.get $from)))
            (local.set $v3 (v128.load offset=48 (local.get $from)))))
        ;; Adding 1.5 · 2^52 leaves the nearest whole number in the lower half of the bits.
        (local.set $v0 (f64x2.mul (local.get $scale) (f64x2.sub
          (f64x2.mul (local.get $v0) (local.get $factor))
          (v128.load offset=0 (local.get $at)))))
        (local.set $v0 (f64x2.add (local.get $round)
          (f64x2.pmax (f64x2.pmin (local.get $v0) (local.get $most64)) (local.get $least64))))
        (local.set $v1 (f64x2.mul (local.get $scale) (f64x2.sub
          (f64x2.mul (local.get $v1) (local.get $factor))
          (v128.load offset=16 (local.get $at)))))
        (local.set $v1 (f64x2.add (local.get $round)
          (f64x2.pmax (f64x2.pmin (local.get $v1) (local.get $most64)) (local.get $least64))))
        (local.set $v2 (f64x2.mul (local.get $scale) (f64x2.sub
          (f64x2.mul (local.get $v2) (local.get $factor))
          (v128.load offset=32 (local.get $at)))))
        (local.set $v2 (f64x2.add (local.get $round)
          (f64x2.pmax (f64x2.pmin (local.get $v2) (local.get $most64)) (local.get $least64))))
        (local.set $v3 (f64x2.mul (local.get $scale) (f64x2.sub
          (f64x2.mul (local.get $v3) (local.get $factor))
          (v128.load offset=48 (local.get $at)))))
        (local.set $v3 (f64x2.add (local.get $round)
          (f64x2.pmax (f64x2.pmin (local.get $v3) (local.get $most64)) (local.get $least64))))
        (local.set $numbers (i16x8.narrow_i32x4_s
          (i8x16.shuffle 0 1 2 3 8 9 10 11 16 17 18 19 24 25 26 27 (local.get $v0) (local.get $v1))
          (i8x16.shuffle 0 1 2 3 8 9 10 11 16 17 18 19 24 25 26 27 (local.get $v2) (local.get $v3))))
        (v128.store (i32.add (local.get $fine) (i32.shl (local.get $k) (i32.const 1))) (local.get $numbers))
        (local.set $widest (i16x8.max_s (local.get $widest) (i16x8.abs (local.get $numbers))))
        (local.set $numbers (i16x8.max_s
          (i16x8.min_s (local.get $numbers) (local.get $box))
          (i16x8.neg (local.get $box))))
        (local.set $codes (i16x8.shr_s (i16x8.add (local.get $numbers) (local.get $half)) (local.get $shift)))
        (local.set $error (i16x8.sub (local.get $numbers) (i16x8.shl (local.get $codes) (local.get $shift))))
        (local.set $errors (i32x4.add (local.get $errors) (i32x4.dot_i16x8_s (local.get $error) (local.get $error))))
        (local.set $norm (i32x4.add (local.get $norm) (i32x4.dot_i16x8_s (local.get $codes) (local.get $codes))))
        (local.set $sum (i32x4.add (local.get $sum) (i32x4.extadd_pairwise_i16x8_s (local.get $codes))))
        (local.set $codes (i16x8.add (local.get $codes) (i16x8.splat (local.get $bias))))
        (v128.store64_lane 0 (i32.add (local.get $coarse) (local.get $j))
          (i8x16.narrow_i16x8_s (local.get $codes) (local.get $codes)))
        (local.set $k (i32.add (local.get $k) (i32.const 8)))
        (br_if $halves (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 8))) (i32.const 16))))
      (local.set $coarse (i32.add (local.get $coarse) (local.get $step)))
      (br_if $chunks (i32.lt_u (local.get $k) (global.get $stride))))
    (v128.store (i32.const 96) (call $sums (local.get $norm) (local.get $sum) (local.get $errors)
      (v128.const i32x4 0 0 0 0)))
    (i32.store (i32.const 108)
      (v128.any_true (i16x8.ge_s (local.get $widest) (v128.const i16x8 16000 16000 16000 16000 16000 16000 16000 16000)))))

  ;; Sums of the lanes of four vectors, in the lanes of one.
  (func $sums (param $a v128) (param $b v128) (param $c v128) (param $d v128) (result v128)
    (local $ab v128) (local $cd v128)
    (local.set $ab (i32x4.add
      (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $a) (local.get $b))
      (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $a) (local.get $b))))
    (local.set $cd (i32x4.add
      (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $c) (local.get $d))
      (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $c) (local.get $d))))
    (i32x4.add
      (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $ab) (local.get $cd))
      (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $ab) (local.get $cd))))

  ;; Fine squared distance. Differences are below 2^15, so four squares are below 2^32; beyond that sums have 64 bit.
  (func $measure (param $p i32) (param $q i32) (result f64)
    (local $end i32) (local $one v128) (local $two v128) (local $sum v128)
    (local.set $end (i32.add (local.get $p) (i32.shl (global.get $stride) (i32.const 1))))
    (loop $chunks
      (local.set $one (i16x8.sub (v128.load (local.get $p)) (v128.load (local.get $q))))
      (local.set $two (i16x8.sub (v128.load offset=16 (local.get $p)) (v128.load offset=16 (local.get $q))))
      (local.set $one (i32x4.add
        (i32x4.dot_i16x8_s (local.get $one) (local.get $one))
        (i32x4.dot_i16x8_s (local.get $two) (local.get $two))))
      (local.set $sum (i64x2.add (local.get $sum) (i64x2.add
        (i64x2.extend_low_i32x4_u (local.get $one))
        (i64x2.extend_high_i32x4_u (local.get $one)))))
      (local.set $q (i32.add (local.get $q) (i32.const 32)))
      (br_if $chunks (i32.lt_u
        (local.tee $p (i32.add (local.get $p) (i32.const 32)))
        (local.get $end))))
    (f64.convert_i64_u (i64.add
      (i64x2.extract_lane 0 (local.get $sum))
      (i64x2.extract_lane 1 (local.get $sum)))))

  ;; Writes those pairs of right row $row that are within their coarse limits, and then within their fine ones.
  (func $keep
    (param $dots v128) (param $strip i32) (param $row i32) (param $lanes i32) (param $out i32) (result i32)
    (local $fact i32) (local $lane i32) (local $square f64)
    (local.set $fact (i32.add (global.get $facts) (i32.shl (local.get $row) (i32.const 4))))
    (local.set $lanes (i32.and (local.get $lanes) (i32x4.bitmask (i32x4.le_s
      (i32x4.sub
        (i32x4.add (v128.load (i32.const 0)) (v128.load32_splat (local.get $fact)))
        (i32x4.shl (local.get $dots) (i32.const 2)))
      (i32x4.max_s (v128.load (i32.const 16)) (v128.load32_splat offset=4 (local.get $fact)))))))
    (if (i32.eqz (local.get $lanes)) (then (return (local.get $out))))
    (loop $each
      (local.set $lane (i32.ctz (local.get $lanes)))
      (local.set $square (call $measure
        (i32.add (global.get $leftFine) (i32.shl
          (i32.mul (i32.add (i32.shl (local.get $strip) (i32.const 2)) (local.get $lane)) (global.get $stride))
          (i32.const 1)))
        (i32.add (global.get $rightFine) (i32.shl
          (i32.mul (local.get $row) (global.get $stride))
          (i32.const 1)))))
      (if (f64.le (local.get $square) (f64.max
        (f64.load offset=64 (i32.shl (local.get $lane) (i32.const 3)))
        (f64.load offset=8 (local.get $fact))))
        (then
          (i32.store (local.get $out) (i32.or (i32.shl (local.get $row) (i32.const 2)) (local.get $lane)))
          (f64.store offset=8 (local.get $out) (local.get $square))
          (local.set $out (i32.add (local.get $out) (i32.const 16)))))
      (local.set $lanes (i32.and (local.get $lanes) (i32.sub (local.get $lanes) (i32.const 1))))
      (br_if $each (local.get $lanes)))
    (local.get $out))

  ;; Compares the four left rows of a strip, coarse at $left, with $rows right rows; answers how many pairs it wrote. $lanes
  ;; has a bit for each left row that is there.
  (func (export "sift") (param $left i32) (param $strip i32) (param $rows i32) (param $lanes i32) (result i32)
    (local $row i32) (local $p i32) (local $q i32) (local $end i32) (local $out i32)
    (local $l v128) (local $r0 v128) (local $r1 v128)
    (local $s00 v128) (local $s10 v128) (local $s20 v128) (local $s30 v128)
    (local $s01 v128) (local $s11 v128) (local $s21 v128) (local $s31 v128)
    (local.set $q (global.get $right))
    (local.set $out (global.get $found))
    (local.set $end (i32.add (local.get $left) (i32.shl (global.get $stride) (i32.const 2))))
    (if (i32.eqz (local.get $rows)) (then (return (i32.const 0))))
    (loop $twos
      (local.set $p (local.get $left))
      (local.set $s00 (v128.const i32x4 0 0 0 0))
      (local.set $s10 (v128.const i32x4 0 0 0 0))
      (local.set $s20 (v128.const i32x4 0 0 0 0))
      (local.set $s30 (v128.const i32x4 0 0 0 0))
      (local.set $s01 (v128.const i32x4 0 0 0 0))
      (local.set $s11 (v128.const i32x4 0 0 0 0))
      (local.set $s21 (v128.const i32x4 0 0 0 0))
      (local.set $s31 (v128.const i32x4 0 0 0 0))
      (loop $chunks
        (local.set $r0 (v128.load (local.get $q)))
        (local.set $r1 (v128.load offset=16 (local.get $q)))
        (local.set $l (v128.load offset=0 (local.get $p)))
        (local.set $s00 (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $l) (local.get $r0) (local.get $s00)))
        (local.set $s01 (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $l) (local.get $r1) (local.get $s01)))
        (local.set $l (v128.load offset=16 (local.get $p)))
        (local.set $s10 (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $l) (local.get $r0) (local.get $s10)))
        (local.set $s11 (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $l) (local.get $r1) (local.get $s11)))
        (local.set $l (v128.load offset=32 (local.get $p)))
        (local.set $s20 (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $l) (local.get $r0) (local.get $s20)))
        (local.set $s21 (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $l) (local.get $r1) (local.get $s21)))
        (local.set $l (v128.load offset=48 (local.get $p)))
        (local.set $s30 (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $l) (local.get $r0) (local.get $s30)))
        (local.set $s31 (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get $l) (local.get $r1) (local.get $s31)))
        (local.set $q (i32.add (local.get $q) (i32.const 32)))
        (br_if $chunks (i32.lt_u
          (local.tee $p (i32.add (local.get $p) (i32.const 64)))
          (local.get $end))))
      (local.set $out (call $keep
        (call $sums (local.get $s00) (local.get $s10) (local.get $s20) (local.get $s30))
        (local.get $strip) (local.get $row) (local.get $lanes) (local.get $out)))
      (if (i32.lt_u (i32.add (local.get $row) (i32.const 1)) (local.get $rows)) (then
        (local.set $out (call $keep
        (call $sums (local.get $s01) (local.get $s11) (local.get $s21) (local.get $s31))
        (local.get $strip) (i32.add (local.get $row) (i32.const 1)) (local.get $lanes) (local.get $out)))))
      (br_if $twos (i32.lt_u
        (local.tee $row (i32.add (local.get $row) (i32.const 2)))
        (local.get $rows))))
    (i32.shr_u (i32.sub (local.get $out) (global.get $found)) (i32.const 4))))
