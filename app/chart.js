// The bars of a comparison as a picture. Drawn in the reader's browser, which has the fonts for
// Chinese that a server need not have; always dark on white, for paper and slides.
(app) => {
  const WIDTH = 960;
  const EDGE = 40;
  const ROW = 46;
  const INK = "#23272c";
  const SOFT = "#5b636c";
  const BAR = "#1d4f7c";

  // Lines of at most `width`, cut between characters: Chinese has no spaces to wrap at.
  const wrapped = (pen, text, width) => {
    const lines = [""];
    for (const character of text) {
      if (pen.measureText(lines.at(-1) + character).width > width) lines.push("");
      lines[lines.length - 1] += character;
    }
    return lines;
  };

  const bars = (svg) => {
    const values = [...svg.querySelectorAll("text:not(.name)")];
    return [...svg.querySelectorAll("text.name")].map((name, i) => ({
      name: name.textContent,
      value: values[i].textContent,
      width: Number.parseFloat(svg.querySelectorAll("rect")[i].getAttribute("width")),
    }));
  };

  // A PNG of the chart, with the question above it and the reports below it.
  app.picture = (svg, question, reports) => {
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d");
    const family = getComputedStyle(document.body).fontFamily;
    const font = (size, weight = 400) => `${weight} ${size}px ${family}`;
    const drawn = bars(svg);
    pen.font = font(24, 600);
    const title = wrapped(pen, question, WIDTH - 2 * EDGE);
    pen.font = font(15);
    const sources = wrapped(pen, `来源：${reports.join("；")}`, WIDTH - 2 * EDGE);
    pen.font = font(18);
    const left = EDGE + 20 + Math.max(...drawn.map((bar) => pen.measureText(bar.name).width));
    const right = 20 + Math.max(...drawn.map((bar) => pen.measureText(bar.value).width));
    const longest = Math.max(...drawn.map((bar) => bar.width));

    const top = EDGE + title.length * 36 + 16;
    const bottom = top + drawn.length * ROW + 20;
    const height = bottom + sources.length * 24 + EDGE - 8;
    canvas.width = 2 * WIDTH; // Sharp on paper too.
    canvas.height = 2 * height;
    pen.scale(2, 2);
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, WIDTH, height);
    pen.textBaseline = "middle";
    const write = (lines, from, step, style, color) => {
      pen.font = style;
      pen.fillStyle = color;
      lines.forEach((line, i) => pen.fillText(line, EDGE, from + step * (i + 0.5)));
    };
    write(title, EDGE, 36, font(24, 600), INK);
    write(sources, bottom, 24, font(15), SOFT);
    pen.font = font(18);
    drawn.forEach((bar, i) => {
      const middle = top + ROW * (i + 0.5);
      const length = ((WIDTH - EDGE - left - right) * bar.width) / longest;
      pen.fillStyle = BAR;
      pen.fillRect(left, middle - 14, length, 28);
      pen.fillStyle = INK;
      pen.fillText(bar.name, EDGE, middle);
      pen.fillText(bar.value, left + length + 12, middle);
    });
    return new Promise((done) => canvas.toBlob(done, "image/png"));
  };
}
