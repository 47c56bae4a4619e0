/* Live figures: a page writes axes, sliders and legend; here are the formulas and the drawing. */
"use strict";
(() => {
  const range = (low, high, step = 1) =>
    Array.from({ length: (high - low) / step + 1.5 }, (_, i) => low + i * step);

  /* Models: tests/browser/smoke/test_live.py compares each with dlref. */

  const NODES = range(-9.975, 9.975, 0.05); // midpoints: none on the kink of a ReLU
  const mean = (f, weight) => NODES.reduce((sum, z) => sum + f(z) * Math.exp((-z * z) / 2), 0) / weight;
  const MASS = mean(() => 1, 1);
  const secondMoment = (f, variance) => mean((z) => f(z * Math.sqrt(variance)) ** 2, MASS);
  const ACTIVATIONS = {
    ReLU: [(z) => Math.max(z, 0), (z) => z > 0],
    tanh: [Math.tanh, (z) => 1 - Math.tanh(z) ** 2],
  };

  const turned = (degrees, [x, y]) => {
    const [c, s] = [Math.cos, Math.sin].map((f) => f((degrees * Math.PI) / 180));
    return [c * x - s * y, s * x + c * y];
  };
  // The path from one place of a bowl with the curvatures 1 and 25, turned.
  const descent = (steps, degrees, move) => {
    const path = [turned(degrees, [1.5, -2])];
    for (let t = 1; t <= steps; t++) {
      const [x, y] = turned(-degrees, path[t - 1]);
      const grad = turned(degrees, [x, 25 * y]);
      path.push(path[t - 1].map((p, i) => p - move(grad[i], t, i)));
    }
    return path;
  };

  const models = {
    focal: (p, gamma, alpha) => -alpha * (1 - p) ** gamma * Math.log(p),
    sgd: (steps, degrees, rate) => descent(steps, degrees, (g) => rate * g),
    adam: (steps, degrees, rate, beta1, beta2) => {
      const m = [0, 0];
      const v = [0, 0];
      return descent(steps, degrees, (g, t, i) => {
        m[i] = beta1 * m[i] + (1 - beta1) * g;
        v[i] = beta2 * v[i] + (1 - beta2) * g * g;
        return (rate * m[i]) / (1 - beta1 ** t) / (Math.sqrt(v[i] / (1 - beta2 ** t)) + 1e-8);
      });
    },
    moments: (activation, depth, scale) => {
      const [f, slope] = ACTIVATIONS[activation];
      const forward = [1];
      const backward = [1];
      for (let l = 0; l < depth; l++) forward.push(secondMoment(f, scale * forward[l]));
      for (let l = depth - 1; l--; )
        backward.unshift(backward[0] * scale * secondMoment(slope, scale * forward[l]));
      return [forward, backward];
    },
    attention: (n, d, h) => [8 * n * d * d, 4 * n * n * d, 3 * h * n * n],
    cache: (layers, heads, width, tokens, batch, bytes) =>
      2 * layers * heads * width * tokens * batch * bytes,
    // After each block of keys: the maximum, the sum, the output.
    online: (scores, values, block) => {
      let [m, sum, o] = [-Infinity, 0, 0];
      const path = [];
      for (let start = 0; start < scores.length; start += block) {
        const some = scores.slice(start, start + block);
        const fade = Math.exp(m - (m = Math.max(m, ...some)));
        [sum, o] = [fade * sum, fade * o];
        some.forEach((s, i) => {
          sum += Math.exp(s - m);
          o += Math.exp(s - m) * values[start + i];
        });
        path.push([m, sum, o / sum]);
      }
      return path;
    },
    rotary: (t, pair, base) => (t * 180) / Math.PI / base ** (pair / 64), // in degrees
  };

  /* Curves, from the sliders: points; then the dot, and the number that the legend shows. */

  const digits = (x) => {
    if (x < 1e6 && !(x > 0 && x < 1e-4))
      return x.toLocaleString("en", { maximumSignificantDigits: Math.abs(x) < 1e3 ? 3 : 6 });
    const [head, power] = x.toExponential(2).replace("+", "").split("e");
    return (+head === 1 ? "10" : head + " × 10") + power.replace(/./g, (c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c] ?? "⁻");
  };
  const curve = (f, xs, x) => [xs.map((x) => [x, f(x)]), [x, f(x)], f(x)];

  const curves = {
    focal: (gamma, alpha, p) =>
      [[gamma, alpha], [gamma, 1 - alpha], [0, 1]].map((weights) =>
        curve((p) => models.focal(p, ...weights), range(0.002, 0.998, 0.004), p)),
    adam: (rate, beta1, beta2, degrees) => [
      ...[models.adam(100, degrees, rate, beta1, beta2), models.sgd(100, degrees, rate)]
        .map((path) => [path, path[100], Math.hypot(...path[100])]),
      ...[1, 3, 6, 10].map((r) => [
        range(0, 7, 0.1).map((t) => turned(degrees, [r * Math.cos(t), (r * Math.sin(t)) / 5])),
      ]),
    ],
    moments: (depth, scale) =>
      ["ReLU", "tanh"].flatMap((name) => {
        const [forward, backward] = models.moments(name, depth, scale);
        return [
          curve((l) => forward[l], range(0, depth), depth),
          curve((l) => backward[l - 1], range(1, depth), 1),
        ];
      }),
    attention: (n, d, h) =>
      [0, 1, 2].map((part) => curve((n) => models.attention(n, d, h)[part], [64, 2 ** 18], n)),
    cache: (tokens, heads, batch) =>
      [heads, 32, 1].map((heads) =>
        curve((tokens) => models.cache(32, heads, 128, tokens, batch, 2) / 1e9, [1024, 2 ** 19], tokens)),
    rotary: (t, distance, ...pair) => {
      const hand = (degrees) => turned(degrees, [1, 0]);
      const angles = [t + distance, t].map((t) => models.rotary(t, ...pair));
      const [q, k] = angles.map(hand);
      const score = q[0] * k[0] + q[1] * k[1];
      const foot = k.map((x) => x * score); // of the query upon the key
      return [
        ...[q, k].map((end, i) => [[[0, 0], end], end, angles[i]]),
        [[q, foot], foot, score],
        [range(0, 360, 5).map(hand)],
      ];
    },
  };

  const SCORES = [1, 2.5, 0.5, 2, 3, 1.5, 2.5, 1, 2, 3.5, 5, 0.5, 3, 2, 1.5, 2.5];
  const VALUES = [2, 1, 3, 2, 1, 2, 3, 1, 2, 1, 5, 2, 1, 3, 2, 1];
  curves.online = (block, read, score) => {
    const path = models.online(SCORES.with(10, score), VALUES, block);
    const last = Math.ceil(read / block) - 1;
    return [0, 1, 2].map((part) => {
      const points = path.flatMap((state, i) =>
        [i * block + 1, (i + 1) * block].map((read) => [read, state[part]]));
      return [points, points[2 * last + 1], path[last][part]];
    });
  };

  /* The engine. */

  const [WIDTH, HEIGHT] = [300, 150];
  const add = (parent, tag, attributes = {}, text = "") => {
    const element = parent.appendChild(document.createElementNS(parent.namespaceURI, tag));
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    element.textContent = text;
    return element;
  };
  // "label: first … last" gives the label, the ticks, and a map of the axis to 0 … 1.
  const axis = (text) => {
    const [label, list] = text.split(": ");
    const ticks = list.split(" ").map(Number);
    const f = label.endsWith("(log)") ? Math.log : Number;
    const [low, high] = [ticks[0], ticks.at(-1)].map(f);
    return [label, ticks, (value) => Math.max(-9, Math.min(9, (f(value) - low) / (high - low)))];
  };

  const build = (figure) => {
    const all = (selector) => [...figure.querySelectorAll(selector)];
    const [labelX, ticksX, alongX] = axis(figure.dataset.x);
    const [labelY, ticksY, alongY] = axis(figure.dataset.y);
    const place = ([x, y]) => [WIDTH * alongX(x), HEIGHT * (1 - alongY(y))];

    const svg = figure.querySelector("svg");
    const plot = add(svg, "g", { transform: "translate(44 6)" });
    const write = (text, x, y, more) => add(plot, "text", { x, y, ...more }, text);
    for (const tick of ticksX) {
      const x = WIDTH * alongX(tick);
      add(plot, "path", { d: `M${x} 0V${HEIGHT}` });
      write(digits(tick), x, HEIGHT + 12);
    }
    for (const tick of ticksY) {
      const y = HEIGHT * (1 - alongY(tick));
      add(plot, "path", { d: `M0 ${y}H${WIDTH}` });
      write(digits(tick), -5, y + 3, { class: "end" });
    }
    add(plot, "path", { class: "axes", d: `M0 0V${HEIGHT}H${WIDTH}` });
    write(labelX, WIDTH / 2, HEIGHT + 28);
    write(labelY, -HEIGHT / 2, -39, { transform: "rotate(-90)" });
    const inside = add(plot, "svg", { width: WIDTH, height: HEIGHT }); // cuts off what lies outside

    const rows = all("output span");
    const behind = add(inside, "path");
    const drawn = [];
    for (let i = rows.length; i--; ) { // the first comes to lie on top
      const style = { class: rows[i].className };
      drawn[i] = [add(inside, "path", style), add(inside, "circle", { ...style, r: 3.5 })];
    }
    const sliders = all("input");
    const line = (points) => "M" + points.map((p) => place(p).map((z) => z.toFixed(1))).join("L");
    const draw = () => {
      const settings = sliders.map((slider) => {
        const { base } = slider.dataset;
        const value = base ? base ** slider.value : +slider.value;
        slider.ariaValueText = slider.nextSibling.textContent = value.toLocaleString("en");
        return value;
      });
      const now = curves[figure.dataset.live](...settings);
      behind.setAttribute("d", now.slice(rows.length).map(([points]) => line(points)).join(""));
      drawn.forEach(([path, circle], i) => {
        const [points, dot, number] = now[i];
        path.setAttribute("d", line(points));
        circle.setAttribute("transform", `translate(${place(dot)})`);
        rows[i].querySelector("b").textContent = digits(number);
      });
      const words = all("label, output span").map((row) => row.textContent);
      svg.ariaLabel = `${labelY} against ${labelX}. ${words.join("; ")}`;
    };
    figure.addEventListener("input", draw);
    figure.querySelector("button").addEventListener("click", () => {
      for (const slider of sliders) slider.value = slider.defaultValue;
      draw();
    });
    draw();
  };

  window.live = { models };  // for those who compare them with dlref
  // Drawn when the reader comes near: nothing else waits for it.
  const near = new IntersectionObserver((changes) => {
    for (const { isIntersecting, target } of changes) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      build(target);
    }
  }, { rootMargin: "300px" });
  document.querySelectorAll(".live").forEach((figure) => near.observe(figure));
})();
