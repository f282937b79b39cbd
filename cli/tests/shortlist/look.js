// look.js DRIVER CHROMIUM SHOTS PAGE...: loads each page in each guise, takes a picture of each, and fails on any error of the
// console, any request to elsewhere, a chart that drew nothing, or a page wider than its window.
"use strict";
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const [driver, executablePath, shots, ...pages] = process.argv.slice(2);
const { chromium } = require(driver);

const GUISES = [
  ["light", { colorScheme: "light", viewport: { width: 1200, height: 900 } }],
  ["dark", { colorScheme: "dark", viewport: { width: 1200, height: 900 } }],
  ["phone", { colorScheme: "dark", viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 }],
  ["print", { colorScheme: "dark", viewport: { width: 800, height: 1100 } }],
];

const look = async (browser, file, guise, options) => {
  const wrong = [];
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on("console", (message) => { if (message.type() !== "log") wrong.push(message.text()); });
  page.on("pageerror", (error) => wrong.push(error.message));
  page.on("request", (request) => { if (!/^(file|data):/.test(request.url())) wrong.push(`asks for ${request.url()}`); });
  await page.goto(pathToFileURL(file).href);
  if (guise === "print") await page.emulateMedia({ media: "print" });
  await page.waitForTimeout(150);
  const seen = await page.evaluate(() => ({
    charts: [...document.querySelectorAll(".chart")].map((chart) => {
      const canvas = chart.querySelector("canvas");
      if (!canvas) return "no canvas";
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return data.some((value) => value !== 0) ? "" : "empty";
    }),
    wider: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    ground: getComputedStyle(document.body).backgroundColor,
  }));
  seen.charts.forEach((chart, at) => { if (chart) wrong.push(`chart ${at} is ${chart}`); });
  if (seen.wider > 0) wrong.push(`wider than the window by ${seen.wider}`);
  const light = guise === "light" || guise === "print";
  if ((seen.ground === "rgb(255, 255, 255)") !== light) wrong.push(`the ground is ${seen.ground}`);
  await page.screenshot({ path: path.join(shots, `${path.basename(file, ".html")}-${guise}.png`), fullPage: true });
  await context.close();
  return wrong.map((what) => `${path.basename(file)} (${guise}): ${what}`);
};

(async () => {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const wrong = [];
  for (const file of pages) {
    for (const [guise, options] of GUISES) wrong.push(...(await look(browser, file, guise, options)));
  }
  await browser.close();
  if (wrong.length) throw new Error(wrong.join("\n"));
})().catch((error) => { console.error(error.message); process.exitCode = 1; });
