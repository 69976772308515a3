/** Files that vite bundles besides scripts. */
declare module "*.css";
