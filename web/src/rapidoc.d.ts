// The bundle registers an element and exports nothing.
declare module "rapidoc/dist/rapidoc-min.js";
