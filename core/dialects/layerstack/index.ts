export { type Addressed, type RenderedTemplate, renderTemplate } from "./render";
export {
    type LayerStackRow,
    type LayerStackTemplate,
    panelFields,
    type TemplateChanges,
    templateChanges,
} from "./rows";
export { interpretTemplates } from "./interpret";
export { openTemplates, type RowDecision } from "./decideRows";
export { proveTemplate } from "./prove";
export { templatePlan } from "./panelPlan";
