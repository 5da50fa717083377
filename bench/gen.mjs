#!/usr/bin/env node
/**
 * gen.mjs - deterministic data sets shaped like an OctoPrint base folder.
 *
 *   node gen.mjs create --size tiny|S|year|M|L|many|incompressible|single --out DIR [--seed N]
 *   node gen.mjs mutate --dir DIR --percent P [--seed N]     change P % of the files and about P % of the bytes
 *   node gen.mjs digest --dir DIR                            sha256 over (path, mode, mtime, size, content)
 *   node gen.mjs stat   --dir DIR                            files and bytes per top folder
 *
 * Self-contained: Node >= 18, no packages. Everything follows from --size and --seed (default 1):
 * same Node major, same seed => same bytes, names, modes and mtimes on every machine.
 *
 * What is made (create):
 *   config.yaml users.yaml (0600)        settings
 *   uploads/**                           G-code as PrusaSlicer / Cura / OrcaSlicer write it: header, base64
 *                                        thumbnail, layers with perimeters, infill, retractions, M73/M204,
 *                                        slicer settings at the end; log-normal sizes 0.2-20 MB and a few
 *                                        of up to 100 MB; sub folders, names with blanks and non-ASCII letters;
 *                                        .metadata.json
 *   timelapse/*.mp4 + *.thumb.jpg        incompressible, 5-60 MB
 *   data/<plugin>/**                     many small JSON/YAML files, small JPEG/PNG (incompressible),
 *                                        valid SQLite 3 databases
 *   logs/ printerProfiles/ slicingProfiles/ translations/ scripts/ plugins/ virtualSd/ and empty folders
 *   (watched/, uploadtemp/)
 * 'many' is 100,000 small files (0.2-8 KB) under data/ and the settings, nothing else; 'incompressible' is 300 MB of
 * timelapses and 300 pictures; 'single' is one G-code file of 3 GB.
 */
import {createHash} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

// ---------------------------------------------------------------- random numbers (sfc32)
class Rng {
	constructor(seed, label = '') {
		const h = createHash('sha256').update(`${seed}/${label}`).digest();
		this.a = h.readInt32LE(0);
		this.b = h.readInt32LE(4);
		this.c = h.readInt32LE(8);
		this.d = 1;
		for (let i = 0; i < 12; i++) this.u32();
	}
	u32() {
		const t = (((this.a + this.b) | 0) + this.d) | 0;
		this.d = (this.d + 1) | 0;
		this.a = this.b ^ (this.b >>> 9);
		this.b = (this.c + (this.c << 3)) | 0;
		this.c = (this.c << 21) | (this.c >>> 11);
		this.c = (this.c + t) | 0;
		return t >>> 0;
	}
	float() {
		return this.u32() / 4294967296;
	}
	int(lo, hi) {
		return lo + Math.floor(this.float() * (hi - lo + 1));
	}
	pick(list) {
		return list[Math.floor(this.float() * list.length)];
	}
	chance(p) {
		return this.float() < p;
	}
	/** roughly normal, mean 0, deviation 1 (sum of 12): no log/exp, so no platform differences */
	normal() {
		let s = -6;
		for (let i = 0; i < 12; i++) s += this.float();
		return s;
	}
	fill(buf, from = 0, to = buf.length) {
		let i = from;
		for (; i + 4 <= to; i += 4) buf.writeUInt32LE(this.u32(), i);
		for (; i < to; i++) buf[i] = this.u32() & 255;
		return buf;
	}
	bytes(n) {
		const words = new Uint32Array((n + 3) >> 2);
		let {a, b, c, d} = this;
		for (let i = 0; i < words.length; i++) {
			const t = (((a + b) | 0) + d) | 0;
			d = (d + 1) | 0;
			a = b ^ (b >>> 9);
			b = (c + (c << 3)) | 0;
			c = (c << 21) | (c >>> 11);
			c = (c + t) | 0;
			words[i] = t;
		}
		this.a = a;
		this.b = b;
		this.c = c;
		this.d = d;
		return Buffer.from(words.buffer, 0, n);
	}
	hex(n) {
		return this.bytes((n + 1) >> 1)
			.toString('hex')
			.slice(0, n);
	}
}

// ---------------------------------------------------------------- fast text output
class Out {
	constructor(file, limit) {
		this.fd = fs.openSync(file, 'w');
		this.buf = Buffer.allocUnsafe(1 << 20);
		this.n = 0;
		this.total = 0;
		this.limit = limit;
	}
	room(k) {
		if (this.n + k > this.buf.length) this.flush();
	}
	flush() {
		if (this.n) {
			fs.writeSync(this.fd, this.buf, 0, this.n);
			this.total += this.n;
			this.n = 0;
		}
	}
	get size() {
		return this.total + this.n;
	}
	get full() {
		return this.total + this.n >= this.limit;
	}
	s(text) {
		this.room(text.length * 3);
		this.n += this.buf.write(text, this.n, 'utf8');
		return this;
	}
	/** fixed-point number: v in 10^-dec units; trims zeros when trim */
	f(v, dec, trim, dropZero) {
		this.room(24);
		const b = this.buf;
		let n = this.n;
		v = Math.round(v);
		if (v < 0) {
			b[n++] = 45;
			v = -v;
		}
		const scale = dec === 3 ? 1000 : dec === 5 ? 100000 : dec === 2 ? 100 : 1;
		const whole = Math.floor(v / scale);
		let frac = v - whole * scale;
		if (!(dropZero && whole === 0 && frac !== 0)) {
			if (whole >= 10000) {
				const t = String(whole);
				for (let i = 0; i < t.length; i++) b[n++] = t.charCodeAt(i);
			} else {
				if (whole >= 1000) b[n++] = 48 + Math.floor(whole / 1000);
				if (whole >= 100) b[n++] = 48 + (Math.floor(whole / 100) % 10);
				if (whole >= 10) b[n++] = 48 + (Math.floor(whole / 10) % 10);
				b[n++] = 48 + (whole % 10);
			}
		}
		if (dec > 0 && !(trim && frac === 0)) {
			b[n++] = 46;
			let div = scale / 10;
			for (let i = 0; i < dec; i++) {
				const q = Math.floor(frac / div);
				b[n++] = 48 + q;
				frac -= q * div;
				div /= 10;
				if (trim && frac === 0) break;
			}
		}
		this.n = n;
		return this;
	}
	close() {
		this.flush();
		fs.closeSync(this.fd);
		return this.total;
	}
}

// ---------------------------------------------------------------- G-code
const SETTINGS = [
	'layer_height',
	'first_layer_height',
	'perimeters',
	'top_solid_layers',
	'bottom_solid_layers',
	'fill_density',
	'fill_pattern',
	'infill_anchor',
	'support_material',
	'support_material_threshold',
	'brim_width',
	'skirts',
	'temperature',
	'first_layer_temperature',
	'bed_temperature',
	'filament_type',
	'filament_density',
	'filament_cost',
	'filament_diameter',
	'extrusion_multiplier',
	'retract_length',
	'retract_speed',
	'retract_lift',
	'wipe',
	'travel_speed',
	'perimeter_speed',
	'infill_speed',
	'external_perimeter_speed',
	'bridge_speed',
	'gap_fill_speed',
	'max_print_speed',
	'machine_max_acceleration_x',
	'machine_max_acceleration_y',
	'machine_max_feedrate_x',
	'machine_max_jerk_x',
	'nozzle_diameter',
	'bed_shape',
	'printer_model',
	'start_gcode',
	'end_gcode',
	'seam_position',
	'elefant_foot_compensation',
	'xy_size_compensation',
	'resolution',
	'gcode_flavor',
];

function gcodeThumb(o, rng, style, bytes) {
	const b64 = rng.bytes(bytes).toString('base64');
	o.s(style === 'cura' ? ';\n; thumbnail begin 300x300 ' : ';\n; thumbnail begin 220x124 ').s(`${b64.length}\n`);
	for (let i = 0; i < b64.length; i += 78) o.s(`; ${b64.slice(i, i + 78)}\n`);
	o.s('; thumbnail end\n;\n');
}

/** writes a G-code file of about `size` bytes; returns bytes written */
function gcode(file, rng, size) {
	const o = new Out(file, size);
	const style = rng.pick(['prusa', 'prusa', 'cura', 'orca']);
	const trim = style !== 'cura';
	const h = rng.pick([200, 200, 150, 280, 120]); // layer height, microns
	if (style === 'cura') {
		o.s(';FLAVOR:Marlin\n;TIME:')
			.f(rng.int(900, 90000), 0)
			.s('\n;Filament used: ')
			.f(rng.int(1e5, 9e6), 5)
			.s('m\n;Layer height: ')
			.f(h, 3, true)
			.s('\n;MINX:42.11\n;MINY:38.97\n;Generated with Cura_SteamEngine 5.6.0\n');
	} else if (style === 'orca') {
		o.s('; HEADER_BLOCK_START\n; generated by OrcaSlicer 2.1.1 on 2024-0')
			.f(rng.int(1, 9), 0)
			.s('-1')
			.f(rng.int(0, 9), 0)
			.s(' at 12:31:44\n; total layer number: ')
			.f(rng.int(40, 900), 0)
			.s('\n; HEADER_BLOCK_END\n');
	} else
		o.s('; generated by PrusaSlicer 2.7.4+linux-x64 on 2024-0')
			.f(rng.int(1, 9), 0)
			.s('-1')
			.f(rng.int(0, 9), 0)
			.s(' at 09:12:05 UTC\n\n');
	if (rng.chance(0.8)) gcodeThumb(o, rng, style, Math.min(rng.int(9000, 38000), Math.floor(size / 8)));
	o.s('M73 P0 R')
		.f(rng.int(10, 900), 0)
		.s(
			'\nM201 X1000 Y1000 Z200 E5000 ; sets maximum accelerations, mm/sec^2\nM203 X200 Y200 Z12 E120\nM204 P1250 R1250 T1250\nM205 X8.00 Y8.00 Z0.40 E4.50\nG90\nM83\nM104 S215\nM140 S60\nM190 S60\nM109 S215\nG28\nG29\nG92 E0\nG1 X60.0 E9 F1000\nG1 X100.0 E12.5 F1000\n',
		);

	// model: some islands; each a closed curve in polar form with fixed harmonics
	const prism = rng.chance(0.45); // walls repeat exactly from layer to layer
	const islands = [];
	const count = rng.pick([1, 1, 2, 3, 5]);
	for (let i = 0; i < count; i++) {
		const boxy = rng.chance(0.25);
		islands.push({
			cx: rng.int(60000, 160000),
			cy: rng.int(60000, 160000),
			r: rng.int(6000, 38000),
			boxy,
			n: boxy ? rng.int(4, 24) : rng.int(40, 260),
			k1: rng.int(2, 5),
			a1: rng.float() * 0.18,
			p1: rng.float() * 6.28,
			k2: rng.int(6, 17),
			a2: rng.float() * 0.05,
			p2: rng.float() * 6.28,
			taper: prism ? 0 : (rng.float() - 0.5) * 0.004,
			twist: prism ? 0 : (rng.float() - 0.5) * 0.03,
		});
	}
	const speedOuter = rng.int(15, 40) * 60,
		speedInner = rng.int(40, 80) * 60,
		speedFill = rng.int(60, 150) * 60,
		travel = rng.int(130, 250) * 60;
	const width = 450,
		eps = (width * h) / 1e6 / 2.405; // mm of filament per mm
	const loops = rng.int(2, 3);
	const spacing = rng.pick([2400, 3000, 1800, 4500]);
	const tail = Math.min(20000, Math.floor(size / 4));
	const bodyLimit = size - tail;
	let eAbs = 0,
		layer = 0,
		x = 0,
		y = 0;
	const move = (nx, ny, f) => {
		o.s('G1 X').f(nx, 3, trim).s(' Y').f(ny, 3, trim);
		if (f) o.s(' F').f(f, 0);
		o.s('\n');
		x = nx;
		y = ny;
	};
	const draw = (nx, ny) => {
		const dx = nx - x,
			dy = ny - y;
		const e = (Math.sqrt(dx * dx + dy * dy) / 1000) * eps * 1e5;
		o.s('G1 X').f(nx, 3, trim).s(' Y').f(ny, 3, trim).s(' E');
		if (style === 'cura') {
			eAbs += e;
			o.f(eAbs, 5, false);
		} else o.f(e, 5, true, true);
		o.s('\n');
		x = nx;
		y = ny;
	};
	const retract = () => {
		if (style === 'cura')
			o.s('G1 F2700 E')
				.f(eAbs - 80000, 5)
				.s('\n');
		else o.s('G1 E-.8 F2100\n');
	};
	const restore = () => {
		if (style === 'cura') o.s('G1 F2700 E').f(eAbs, 5).s('\n');
		else o.s('G1 E.8 F1500\n');
	};
	while (o.size < bodyLimit) {
		const z = h * (layer + 1);
		if (style === 'cura') {
			o.s(';LAYER:').f(layer, 0).s('\nM107\nG0 F').f(travel, 0).s(' Z').f(z, 3, trim).s('\n');
		} else if (style === 'orca')
			o.s('; CHANGE_LAYER\n; Z_HEIGHT: ')
				.f(z, 3, true)
				.s('\n; LAYER_HEIGHT: ')
				.f(h, 3, true)
				.s('\nG1 E-.8 F2100\nM73 L')
				.f(layer, 0)
				.s('\nG1 Z')
				.f(z, 3, true)
				.s(' F')
				.f(travel, 0)
				.s('\n');
		else
			o.s(';LAYER_CHANGE\n;Z:')
				.f(z, 3, true)
				.s('\n;HEIGHT:')
				.f(h, 3, true)
				.s('\n;BEFORE_LAYER_CHANGE\nG92 E0\n;')
				.f(z, 3, true)
				.s('\n\n\nG1 E-.8 F2100\nG1 Z')
				.f(z, 3, true)
				.s(' F10800\n;AFTER_LAYER_CHANGE\n');
		if (layer % 7 === 0)
			o.s('M73 P')
				.f(Math.floor((o.size / size) * 100), 0)
				.s(' R')
				.f(Math.floor((1 - o.size / size) * 400), 0)
				.s('\n');
		for (const g of islands) {
			const base = g.r * (1 + g.taper * layer),
				rot = g.twist * layer;
			for (let l = 0; l < loops && o.size < bodyLimit; l++) {
				const r0 = base - l * width;
				if (r0 < 1500) break;
				const outer = l === 0;
				retract();
				for (let i = 0; i <= g.n; i++) {
					const t = (i / g.n) * 6.283185307 + (g.boxy ? 0.785 : 0);
					const r = r0 * (1 + g.a1 * Math.sin(g.k1 * t + g.p1 + rot) + g.a2 * Math.sin(g.k2 * t + g.p2));
					const nx = Math.round(g.cx + r * Math.cos(t)),
						ny = Math.round(g.cy + r * Math.sin(t));
					if (i === 0) {
						move(nx, ny, travel);
						restore();
						o.s(
							style === 'cura'
								? outer
									? ';TYPE:WALL-OUTER\n'
									: ';TYPE:WALL-INNER\n'
								: style === 'orca'
									? outer
										? '; FEATURE: Outer wall\n; LINE_WIDTH: 0.42\n'
										: '; FEATURE: Inner wall\n; LINE_WIDTH: 0.45\n'
									: outer
										? ';TYPE:External perimeter\n;WIDTH:0.449999\n'
										: ';TYPE:Perimeter\n;WIDTH:0.449999\n',
						);
						o.s('G1 F')
							.f(outer ? speedOuter : speedInner, 0)
							.s('\n');
						if (outer && style !== 'cura') o.s('M204 P1000\n');
					} else draw(nx, ny);
				}
			}
			// infill: parallel chords, direction alternating by layer; jitter from the outline's harmonics
			const r0 = base - loops * width - 200;
			if (r0 < 2500 || o.size >= bodyLimit) continue;
			o.s(
				style === 'cura' ? ';TYPE:FILL\n' : style === 'orca' ? '; FEATURE: Sparse infill\n' : ';TYPE:Internal infill\n',
			)
				.s('G1 F')
				.f(speedFill, 0)
				.s('\n');
			const solid = layer < 4 || layer % 90 > 85;
			const step = solid ? 450 : spacing;
			const ang = layer & 1 ? 0.785398 : 2.356194;
			const ca = Math.cos(ang),
				sa = Math.sin(ang);
			let flip = false;
			for (let d = -r0 + step; d < r0 && o.size < bodyLimit; d += step) {
				const half = Math.sqrt(r0 * r0 - d * d) * (1 + g.a1 * Math.sin((g.k1 * d) / r0 + g.p1 + rot));
				const u0 = flip ? half : -half,
					u1 = -u0;
				flip = !flip;
				const ax = Math.round(g.cx + d * ca - u0 * sa),
					ay = Math.round(g.cy + d * sa + u0 * ca);
				const bx = Math.round(g.cx + d * ca - u1 * sa),
					by = Math.round(g.cy + d * sa + u1 * ca);
				if (solid || rng.chance(0.7)) draw(ax, ay);
				else {
					retract();
					move(ax, ay, travel);
					restore();
				}
				draw(bx, by);
			}
		}
		layer++;
	}
	o.s('G1 E-1 F2100\nG1 X0 Y200 F3600\nM104 S0\nM140 S0\nM107\nM84\n; filament used [mm] = ')
		.f(rng.int(1e5, 9e6), 2)
		.s('\n; filament used [g] = ')
		.f(rng.int(500, 60000), 2)
		.s('\n; estimated printing time (normal mode) = 5h 12m 33s\n\n');
	o.s('; prusaslicer_config = begin\n');
	while (o.size < size - 40) {
		const k = rng.pick(SETTINGS);
		o.s(`; ${k}${rng.chance(0.5) ? `_${rng.pick(SETTINGS)}` : ''} = `)
			.s(
				rng.pick([
					'0',
					'1',
					'0.2',
					'0.45',
					'25%',
					'215',
					'60',
					'gyroid',
					'nil',
					'4500,4500',
					'0x0,250x0,250x210,0x210',
					'G28 ; home all axes\\nG29\\n',
					`0.${rng.int(10, 99)}`,
				]),
			)
			.s('\n');
	}
	return o.close();
}

// ---------------------------------------------------------------- incompressible files
function jpeg(rng, n) {
	const b = rng.bytes(n);
	Buffer.from('ffd8ffe000104a46494600010101004800480000ffdb', 'hex').copy(b, 0);
	b[n - 2] = 0xff;
	b[n - 1] = 0xd9;
	return b;
}
function png(rng, n) {
	const b = rng.bytes(n);
	Buffer.from('89504e470d0a1a0a0000000d49484452000000dc0000007c0802000000', 'hex').copy(b, 0);
	Buffer.from('0000000049454e44ae426082', 'hex').copy(b, n - 12);
	return b;
}
/** mp4: ftyp, mdat of random NAL units with regular 4-byte lengths and headers, moov with sample tables at the end */
function mp4(file, rng, size) {
	const fd = fs.openSync(file, 'w');
	fs.writeSync(
		fd,
		Buffer.from('00000020667479706d703432000000006d7034326d7034316973 6f6d61766331'.replace(/ /g, ''), 'hex'),
	);
	const moov = Math.max(4096, Math.floor(size * 0.004));
	const mdat = size - 32 - moov;
	const head = Buffer.alloc(8);
	head.writeUInt32BE(mdat, 0);
	head.write('mdat', 4);
	fs.writeSync(fd, head);
	let left = mdat - 8;
	while (left > 0) {
		const n = Math.min(left, 1 << 20);
		const b = rng.bytes(n);
		for (let p = 0; p + 8 < n; p += 4000 + (b[p] << 5)) {
			b.writeUInt32BE(4000, p);
			b[p + 4] = 0x41;
			b[p + 5] = 0x9a;
		}
		fs.writeSync(fd, b, 0, n);
		left -= n;
	}
	const m = Buffer.alloc(moov);
	m.writeUInt32BE(moov, 0);
	m.write('moov', 4);
	let off = 48;
	for (let p = 8; p + 4 <= moov; p += 4) {
		off += 3000 + (rng.u32() & 2047);
		m.writeUInt32BE(p & 4 ? off >>> 0 : 3000 + (off & 2047), p);
	}
	fs.writeSync(fd, m);
	fs.closeSync(fd);
}

// ---------------------------------------------------------------- SQLite 3 (valid files, one leaf level below the root)
const PAGE = 4096;
function varint(n) {
	if (n < 128) return [n];
	const out = [n & 127];
	n = Math.floor(n / 128);
	while (n > 0) {
		out.unshift((n & 127) | 128);
		n = Math.floor(n / 128);
	}
	return out;
}
function record(values) {
	const types = [];
	const parts = [];
	for (const v of values) {
		if (v === null) types.push(0);
		else if (typeof v === 'number' && Number.isInteger(v) && Math.abs(v) < 0x7fffffff) {
			types.push(4);
			const b = Buffer.alloc(4);
			b.writeInt32BE(v);
			parts.push(b);
		} else if (typeof v === 'number') {
			types.push(7);
			const b = Buffer.alloc(8);
			b.writeDoubleBE(v);
			parts.push(b);
		} else {
			const b = Buffer.from(v);
			types.push(13 + 2 * b.length);
			parts.push(b);
		}
	}
	const head = types.flatMap(varint);
	return Buffer.concat([Buffer.from([...varint(head.length + 1), ...head]), ...parts]);
}
function leaf(page, at, cells) {
	page[at] = 0x0d;
	page.writeUInt16BE(cells.length, at + 3);
	let end = PAGE;
	let ptr = at + 8;
	for (const c of cells) {
		end -= c.length;
		c.copy(page, end);
		page.writeUInt16BE(end, ptr);
		ptr += 2;
	}
	page.writeUInt16BE(end, at + 5);
}
/** tables: [{name, sql, rows: [[...]]}] ; row id is the row's index + 1 */
function sqlite(tables) {
	const pages = [Buffer.alloc(PAGE)];
	const schema = [];
	for (const t of tables) {
		const groups = [];
		let cur = [],
			used = 8,
			rid = 0;
		for (const row of t.rows) {
			rid++;
			const rec = record([null, ...row]);
			const cell = Buffer.concat([Buffer.from([...varint(rec.length), ...varint(rid)]), rec]);
			if (used + cell.length + 2 > PAGE - 8 && cur.length) {
				groups.push({cells: cur, last: rid - 1});
				cur = [];
				used = 8;
			}
			cur.push(cell);
			used += cell.length + 2;
		}
		groups.push({cells: cur, last: rid});
		if (groups.length > 400) throw new Error('table too large for this writer');
		const root = Buffer.alloc(PAGE);
		pages.push(root);
		const rootNo = pages.length;
		if (groups.length === 1) leaf(root, 0, groups[0].cells);
		else {
			const nos = groups.map(() => {
				pages.push(Buffer.alloc(PAGE));
				return pages.length;
			});
			groups.forEach((g, i) => {
				leaf(pages[nos[i] - 1], 0, g.cells);
			});
			root[0] = 0x05;
			root.writeUInt16BE(groups.length - 1, 3);
			let end = PAGE,
				ptr = 12;
			for (let i = 0; i < groups.length - 1; i++) {
				const c = Buffer.from([0, 0, 0, 0, ...varint(groups[i].last)]);
				c.writeUInt32BE(nos[i], 0);
				end -= c.length;
				c.copy(root, end);
				root.writeUInt16BE(end, ptr);
				ptr += 2;
			}
			root.writeUInt16BE(end, 5);
			root.writeUInt32BE(nos[nos.length - 1], 8);
		}
		const rec = record(['table', t.name, t.name, rootNo, t.sql]);
		schema.push(Buffer.concat([Buffer.from([...varint(rec.length), ...varint(schema.length + 1)]), rec]));
	}
	const p = pages[0];
	p.write('SQLite format 3\0', 0, 'latin1');
	p.writeUInt16BE(PAGE, 16);
	p[18] = 1;
	p[19] = 1;
	p[21] = 64;
	p[22] = 32;
	p[23] = 32;
	p.writeUInt32BE(7, 24);
	p.writeUInt32BE(pages.length, 28);
	p.writeUInt32BE(1, 40);
	p.writeUInt32BE(4, 44);
	p.writeUInt32BE(1, 56);
	p.writeUInt32BE(7, 92);
	p.writeUInt32BE(3040001, 96);
	leaf(p, 100, schema);
	return Buffer.concat(pages);
}
function historyDb(rng, rows) {
	const r = [];
	const s = [];
	for (let i = 0; i < rows; i++) {
		r.push([
			`${rng.pick(WORDS)}_${rng.pick(WORDS)}_0.2mm_PLA_${rng.int(1, 9)}h${rng.int(1, 59)}m.gcode`,
			rng.pick(['success', 'success', 'failed', 'canceled']),
			1600000000 + rng.int(0, 140000000),
			rng.int(300, 90000),
			rng.float() * 300,
			rng.pick(['PLA', 'PETG', 'ABS', 'TPU']),
			`tool0: ${(rng.float() * 9000).toFixed(3)} mm`,
		]);
		if (i % 4 === 0)
			s.push([
				`${rng.pick(['Prusament', 'eSun', 'Overture', 'Polymaker'])} ${rng.pick(WORDS)}`,
				rng.pick(['PLA', 'PETG', 'ABS', 'TPU']),
				rng.int(200, 1000),
				rng.float() * 1000,
				rng.hex(32),
			]);
	}
	return sqlite([
		{
			name: 'print_history',
			sql: 'CREATE TABLE print_history (id INTEGER PRIMARY KEY, file TEXT, state TEXT, finished INTEGER, seconds INTEGER, filament REAL, material TEXT, note TEXT)',
			rows: r,
		},
		{
			name: 'spools',
			sql: 'CREATE TABLE spools (id INTEGER PRIMARY KEY, name TEXT, material TEXT, weight INTEGER, used REAL, uuid TEXT)',
			rows: s,
		},
	]);
}

// ---------------------------------------------------------------- small text files
const WORDS = [
	'benchy',
	'bracket',
	'gear',
	'housing',
	'lid',
	'mount',
	'vase',
	'hinge',
	'clip',
	'spool',
	'cover',
	'adapter',
	'knob',
	'fan',
	'duct',
	'nozzle',
	'handle',
	'shelf',
	'case',
	'holder',
	'wheel',
	'tray',
	'hook',
	'box',
	'plate',
	'arm',
	'ring',
	'stand',
	'cube',
	'tower',
];
const PLUGINS = [
	'PrintTimeGenius',
	'PrintJobHistory',
	'DisplayLayerProgress',
	'filamentmanager',
	'SpoolManager',
	'octolapse',
	'bedlevelvisualizer',
	'prusaslicerthumbnails',
	'UltimakerFormatPackage',
	'preheat',
	'tracking',
	'announcements',
	'pluginmanager',
	'softwareupdate',
	'eventmanager',
	'enclosure',
	'costestimation',
	'gcode_editor',
	'firmware_check',
	'psucontrol',
	'telegram',
	'obico',
	'themeify',
	'appkeys',
];

function smallJson(rng, target) {
	const doc = {
		version: rng.pick([1, 2, 3]),
		file: `${rng.pick(WORDS)}_${rng.pick(WORDS)}_${rng.int(1, 99)}.gcode`,
		hash: rng.hex(40),
		created: 1600000000 + rng.int(0, 140000000) + 0.25,
		analysis: {
			estimatedPrintTime: rng.float() * 40000,
			printingArea: {minX: rng.int(0, 90), minY: rng.int(0, 90), maxX: rng.int(100, 220), maxY: rng.int(100, 220)},
			filament: {tool0: {length: rng.float() * 9000, volume: rng.float() * 30}},
		},
		series: [],
	};
	let text = JSON.stringify(doc);
	while (text.length < target) {
		for (let i = Math.max(1, ((target - text.length) / 70) | 0); i > 0; i--)
			doc.series.push({
				t: rng.int(0, 90000),
				tool0: {actual: rng.int(18000, 23000) / 100, target: 215},
				bed: {actual: rng.int(5000, 6100) / 100, target: 60},
			});
		text = JSON.stringify(doc);
	}
	return rng.chance(0.5) ? text : JSON.stringify(doc, null, 2).slice(0, Math.max(200, target));
}
function smallYaml(rng, target) {
	let t = `_config_version: ${rng.int(10, 40)}\nplugin: ${rng.pick(PLUGINS)}\nentries:\n`;
	while (t.length < target)
		t += `- name: ${rng.pick(WORDS)} ${rng.pick(WORDS)}\n  uuid: ${rng.hex(8)}-${rng.hex(4)}-${rng.hex(4)}\n  enabled: ${rng.chance(0.5)}\n  temperature:\n    tool0: ${rng.int(180, 250)}\n    bed: ${rng.int(40, 110)}\n  offsets: [${rng.int(-90, 90)}, ${rng.int(-90, 90)}, ${rng.int(-90, 90)}]\n`;
	return t;
}
function logFile(file, rng, size, serial) {
	const o = new Out(file, size);
	let t = 1700000000 + rng.int(0, 9e6);
	let line = 1;
	while (!o.full) {
		t += rng.int(0, 3);
		const stamp = `${new Date(t * 1000).toISOString().replace('T', ' ').slice(0, 19)},${String(rng.int(0, 999)).padStart(3, '0')}`;
		if (serial)
			o.s(
				`${stamp} - Send: N${line++} G1 X${rng.int(40000, 180000) / 1000} Y${rng.int(40000, 180000) / 1000} E${rng.int(100, 9000) / 1e5}*${rng.int(0, 127)}\n${stamp} - Recv: ok${rng.chance(0.06) ? ` T:${rng.int(21300, 21700) / 100} /215.00 B:${rng.int(5950, 6050) / 100} /60.00 @:${rng.int(40, 70)} B@:${rng.int(10, 40)}` : ''}\n`,
			);
		else
			o.s(
				`${stamp} - ${rng.pick(['octoprint.util.comm', 'octoprint.server.heartbeat', 'octoprint.filemanager.analysis', 'octoprint.plugins.tracking', 'octoprint.server.util.sockjs', 'octoprint.plugins.pluginmanager'])} - ${rng.pick(['INFO', 'INFO', 'INFO', 'WARNING', 'ERROR'])} - ${rng.pick(['Server heartbeat <3', 'Changing monitoring state from "Operational" to "Printing"', `Analysis of entry local:${rng.pick(WORDS)}.gcode finished, needed ${rng.int(1, 90)}.${rng.int(10, 99)}s`, `New connection from client: 192.168.1.${rng.int(2, 250)}`, 'Client connection closed', `Printer reported feedrate ${rng.int(20, 300)}`])}\n`,
			);
	}
	return o.close();
}

// ---------------------------------------------------------------- the tree
const MB = 1e6;
const SIZES = {
	tiny: {gcode: 4, gcodeBytes: 3 * MB, big: [], mp4: [2 * MB], small: 120, db: 2, logs: 1 * MB, thumbs: 4},
	S: {gcode: 24, gcodeBytes: 30 * MB, big: [], mp4: [5 * MB, 6 * MB], small: 1500, db: 4, logs: 3 * MB, thumbs: 24},
	// About 400 MB: what a printer has gathered in a year.
	year: {
		gcode: 90,
		gcodeBytes: 220 * MB,
		big: [60 * MB],
		mp4: [45 * MB, 30 * MB, 20 * MB],
		small: 6000,
		db: 12,
		logs: 15 * MB,
		thumbs: 90,
	},
	M: {
		gcode: 200,
		gcodeBytes: 500 * MB,
		big: [100 * MB, 60 * MB],
		mp4: 12,
		small: 20000,
		db: 30,
		logs: 45 * MB,
		thumbs: 200,
	},
	L: {
		gcode: 700,
		gcodeBytes: 1900 * MB,
		big: [100 * MB, 100 * MB, 80 * MB, 60 * MB, 45 * MB],
		mp4: 62,
		small: 40000,
		db: 60,
		logs: 120 * MB,
		thumbs: 700,
	},
	many: {gcode: 0, gcodeBytes: 0, big: [], mp4: [], small: 100000, db: 0, logs: 0, thumbs: 0},
	// Films and pictures only: nothing in it shrinks.
	incompressible: {
		gcode: 0,
		gcodeBytes: 0,
		big: [],
		mp4: [60 * MB, 60 * MB, 50 * MB, 45 * MB, 40 * MB, 25 * MB, 20 * MB],
		small: 0,
		db: 0,
		logs: 0,
		thumbs: 300,
	},
	single: {gcode: 0, gcodeBytes: 0, big: [3000 * MB], mp4: [], small: 0, db: 0, logs: 0, thumbs: 0},
};

function create(out, sizeName, seed) {
	const p = SIZES[sizeName];
	if (!p) throw new Error(`unknown size ${sizeName}`);
	if (fs.existsSync(out) && fs.readdirSync(out).length) throw new Error(`${out} is not empty`);
	const when = new Rng(seed, 'mtime');
	const made = [];
	const dirs = new Set();
	const mk = rel => {
		if (!dirs.has(rel)) {
			fs.mkdirSync(path.join(out, rel), {recursive: true});
			dirs.add(rel);
		}
	};
	const full = rel => {
		mk(path.dirname(rel));
		return path.join(out, rel);
	};
	const done = (rel, mode = 0o644) =>
		made.push([rel, mode, 1610000000 + when.int(0, 140000000) + when.int(0, 999) / 1000]);
	const put = (rel, data, mode) => {
		fs.writeFileSync(full(rel), data);
		done(rel, mode);
	};
	const rng = new Rng(seed, `tree/${sizeName}`);

	put('config.yaml', smallYaml(rng, 9000), 0o600);
	put(
		'users.yaml',
		`admin:\n  active: true\n  apikey: ${rng.hex(32)}\n  groups: [admins, users]\n  password: ${rng.hex(128)}\n  settings:\n    interface:\n      _language: de\n`,
		0o600,
	);
	put('groups.yaml', smallYaml(rng, 900), 0o600);

	// uploads
	const names = new Set();
	const meta = {};
	const sub = ['', '', '', 'Kalibrierung/', 'Würfel & Türme/', 'customer parts/2024/', 'プロジェクト/'];
	const weights = [];
	for (let i = 0; i < p.gcode; i++) {
		const g = 1 + rng.normal() * 0.6;
		weights.push(Math.max(0.05, g * g * g * 0.6 + 0.1));
	}
	const sum = weights.reduce((a, b) => a + b, 0);
	const sizes = weights
		.map(w => Math.round(Math.min(20 * MB, Math.max(0.2 * MB, (w / sum) * p.gcodeBytes))))
		.concat(p.big);
	sizes.forEach((size, i) => {
		const r = new Rng(seed, `gcode/${sizeName}/${i}`);
		let name;
		do {
			name = `${r.pick(sub)}${r.pick(WORDS)}_${r.pick(WORDS)}${r.chance(0.2) ? ` größe ${r.int(1, 9)}` : ''}_0.${r.int(1, 3)}mm_${r.pick(['PLA', 'PETG', 'ABS'])}_MK3S_${r.int(0, 20)}h${r.int(0, 59)}m.gcode`;
		} while (names.has(name));
		names.add(name);
		gcode(full(`uploads/${name}`), r, size);
		done(`uploads/${name}`);
		meta[name] = {
			hash: r.hex(40),
			analysis: {
				estimatedPrintTime: r.float() * 40000,
				dimensions: {width: r.float() * 200, depth: r.float() * 200, height: r.float() * 200},
				filament: {tool0: {length: r.float() * 9000, volume: r.float() * 30}},
			},
			history: Array.from({length: r.int(0, 9)}, () => ({
				timestamp: 1600000000.5 + r.int(0, 1e8),
				success: r.chance(0.8),
				printTime: r.float() * 40000,
				printerProfile: '_default',
			})),
			statistics: {averagePrintTime: {_default: r.float() * 40000}, lastPrintTime: {_default: r.float() * 40000}},
		};
	});
	if (p.gcode) put('uploads/.metadata.json', JSON.stringify(meta));
	for (let i = 0; i < p.thumbs; i++)
		put(`data/prusaslicerthumbnails/${rng.pick(WORDS)}_${i}.png`, png(rng, rng.int(12000, 90000)));

	// timelapse
	const films = Array.isArray(p.mp4)
		? p.mp4
		: Array.from({length: p.mp4}, () => Math.round((5 + 55 * rng.float() * rng.float()) * MB));
	films.forEach((size, i) => {
		const r = new Rng(seed, `mp4/${sizeName}/${i}`);
		const name = `timelapse/${r.pick(WORDS)}_${r.pick(WORDS)}_202${r.int(1, 4)}0${r.int(1, 9)}1${r.int(0, 9)}1${r.int(10000, 59999)}`;
		mp4(full(`${name}.mp4`), r, size);
		done(`${name}.mp4`);
		put(`${name}.mp4.thumb.jpg`, jpeg(r, r.int(15000, 40000)));
	});

	// plugin data
	for (let i = 0; i < p.small; i++) {
		const plugin = PLUGINS[i % PLUGINS.length];
		const r = rng.float();
		const target = Math.round(200 + 7800 * r * r);
		const where = `data/${plugin}/${sizeName === 'many' ? rng.hex(2) : rng.pick(['cache', 'history', 'analysis', 'state'])}${i % 3 ? '' : `/${rng.hex(1)}`}`;
		const kind = rng.float();
		if (kind < 0.06) put(`${where}/${rng.pick(WORDS)}-${i}.jpg`, jpeg(rng, Math.max(200, target)));
		else if (kind < 0.3) put(`${where}/${rng.pick(WORDS)}-${i}.yaml`, smallYaml(rng, target));
		else put(`${where}/${rng.pick(WORDS)}-${i}.json`, smallJson(rng, target));
	}
	for (let i = 0; i < p.db; i++)
		put(
			`data/${PLUGINS[i % PLUGINS.length]}/${i % 2 ? 'printJobHistory' : 'filament'}${i}.db`,
			historyDb(rng, Math.round(60 + 5000 * rng.float() * rng.float())),
		);

	// the rest
	put('printerProfiles/_default.profile', smallYaml(rng, 900));
	put('printerProfiles/prusa_mk3s.profile', smallYaml(rng, 1100));
	for (let i = 0; i < 6; i++) put(`slicingProfiles/curalegacy/${rng.pick(WORDS)}_${i}.profile`, smallYaml(rng, 3000));
	for (const lang of ['de', 'fr', 'ja']) {
		put(
			`translations/${lang}/LC_MESSAGES/messages.po`,
			Array.from(
				{length: 900},
				(_, i) =>
					`#: src/octoprint/templates/${rng.pick(WORDS)}.jinja2:${i}\nmsgid "${rng.pick(WORDS)} ${rng.pick(WORDS)} ${rng.pick(WORDS)}"\nmsgstr "${rng.pick(WORDS)} ${rng.pick(WORDS)} ${rng.pick(['für', 'über', 'が', 'é', 'le'])}"\n\n`,
			).join(''),
		);
		put(`translations/${lang}/meta.yaml`, smallYaml(rng, 300));
	}
	put('scripts/gcode/afterPrintCancelled', 'M104 S0\nM140 S0\nM84\n');
	put('scripts/backup.sh', '#!/bin/sh\nexec true\n', 0o755);
	put('plugins/single_file_plugin.py', '__plugin_name__ = "Example"\n'.repeat(20));
	put('uploads/empty.gcode', '');
	if (p.logs) {
		const parts = [
			['logs/octoprint.log', 0.2, false],
			['logs/octoprint.log.2024-05-01', 0.15, false],
			['logs/serial.log', 0.45, true],
			['logs/plugin_softwareupdate_console.log', 0.1, false],
			['logs/tornado.log', 0.1, false],
		];
		parts.forEach(([rel, f, s], i) => {
			logFile(full(rel), new Rng(seed, `log/${sizeName}/${i}`), p.logs * f, s);
			done(rel);
		});
	}
	for (const d of ['watched', 'uploadtemp', 'virtualSd', 'generated', 'timelapse/tmp']) mk(d);
	for (const [rel, mode, t] of made) {
		const f = path.join(out, rel);
		fs.chmodSync(f, mode);
		fs.utimesSync(f, t, t);
	}
	const all = [...listDirs(out)].sort((a, b) => b.length - a.length);
	for (const d of all) fs.utimesSync(d, 1700000000, 1700000000);
	return made.length;
}

function* listDirs(dir) {
	yield dir;
	for (const e of fs.readdirSync(dir, {withFileTypes: true}))
		if (e.isDirectory()) yield* listDirs(path.join(dir, e.name));
}
function listFiles(dir, rel = '', into = []) {
	for (const e of fs
		.readdirSync(path.join(dir, rel), {withFileTypes: true})
		.sort((a, b) => (a.name < b.name ? -1 : 1))) {
		const r = rel ? `${rel}/${e.name}` : e.name;
		if (e.isDirectory()) listFiles(dir, r, into);
		else if (e.isFile()) into.push(r);
	}
	return into;
}

function mutate(dir, percent, seed) {
	const files = listFiles(dir);
	const rng = new Rng(seed, 'mutate');
	const size = new Map(files.map(f => [f, fs.statSync(path.join(dir, f)).size]));
	const total = [...size.values()].reduce((a, b) => a + b, 0);
	const chosen = new Set();
	const want = Math.ceil((files.length * percent) / 100);
	// A change in the middle of a database would be damage.
	const small = files.filter(f => size.get(f) < 1e6 && !f.endsWith('.db'));
	for (const f of ['config.yaml', 'uploads/.metadata.json', 'logs/octoprint.log'])
		if (size.has(f) && want > 3) chosen.add(f);
	while (chosen.size < want) chosen.add(rng.pick(small.length ? small : files));
	let bytes = [...chosen].reduce((a, f) => a + size.get(f), 0);
	const large = files.filter(f => f.endsWith('.gcode') && !chosen.has(f) && size.get(f) < 21e6 && size.get(f) > 5e5);
	while (bytes < (total * percent) / 100 && large.length) {
		const f = large.splice(Math.floor(rng.float() * large.length), 1)[0];
		chosen.add(f);
		bytes += size.get(f);
	}
	const now = 1760000000 + seed * 1000;
	for (const f of chosen) {
		const full = path.join(dir, f);
		const fd = fs.openSync(full, 'r+');
		const n = size.get(f);
		// Settings are still YAML afterwards.
		if (f.endsWith('.yaml') || rng.chance(0.5)) fs.writeSync(fd, `# ${rng.hex(60)}\n`, n);
		else fs.writeSync(fd, String(rng.int(1e6, 9e6)), Math.floor(n / 2));
		fs.closeSync(fd);
		fs.utimesSync(full, now, now);
	}
	return {files: chosen.size, bytes, of: {files: files.length, bytes: total}};
}

function digest(dir) {
	const h = createHash('sha256');
	const buf = Buffer.allocUnsafe(1 << 20);
	let bytes = 0;
	const files = listFiles(dir);
	for (const f of files) {
		const full = path.join(dir, f);
		const st = fs.statSync(full);
		h.update(`${f}\0${(st.mode & 0o777).toString(8)}\0${Math.round(st.mtimeMs)}\0${st.size}\0`);
		const fd = fs.openSync(full, 'r');
		for (let n = fs.readSync(fd, buf); n > 0; n = fs.readSync(fd, buf)) {
			h.update(buf.subarray(0, n));
			bytes += n;
		}
		fs.closeSync(fd);
	}
	return {files: files.length, bytes, sha256: h.digest('hex')};
}
function stat(dir) {
	const t = {};
	for (const f of listFiles(dir)) {
		const k = f.includes('/') ? f.split('/')[0] : '.';
		t[k] ??= {files: 0, bytes: 0};
		t[k].files++;
		t[k].bytes += fs.statSync(path.join(dir, f)).size;
	}
	return t;
}

const [cmd, ...rest] = process.argv.slice(2);
const opt = {};
for (let i = 0; i < rest.length; i += 2) opt[rest[i].replace(/^--/, '')] = rest[i + 1];
const seed = Number(opt.seed ?? 1);
if (cmd === 'create') {
	const t = Date.now();
	const n = create(opt.out, opt.size, seed);
	console.log(`${n} files in ${opt.out}, ${((Date.now() - t) / 1000).toFixed(1)} s`);
} else if (cmd === 'mutate') console.log(JSON.stringify(mutate(opt.dir, Number(opt.percent), seed)));
else if (cmd === 'digest') console.log(JSON.stringify(digest(opt.dir)));
else if (cmd === 'stat') console.table(stat(opt.dir));
else {
	console.error(
		'usage: gen.mjs create --size tiny|S|year|M|L|many|incompressible|single --out DIR [--seed N] | mutate --dir DIR --percent P [--seed N] | digest --dir DIR | stat --dir DIR',
	);
	process.exit(2);
}
