/*
 * host.js - what of Stash's own pages a plugin meets: window.PluginApi, the parts that it may patch, and
 * pages with the navigation bar, Settings and a scene, as Stash v0.31 draws them (and no more of them).
 *
 * Patches run as in Stash: "before" answers the arguments, "instead" gets the next function as its last
 * argument, "after" the result; inside a chain only the first "instead" sees React's second argument.
 */
import * as Apollo from "@apollo/client";
import * as FontAwesomeBrands from "@fortawesome/free-brands-svg-icons";
import * as FontAwesomeRegular from "@fortawesome/free-regular-svg-icons";
import * as FontAwesomeSolid from "@fortawesome/free-solid-svg-icons";
import * as ReactFontAwesome from "@fortawesome/react-fontawesome";
import React from "react";
import * as Bootstrap from "react-bootstrap";
import ReactDOM from "react-dom";
import * as Intl from "react-intl";
import * as ReactRouterDOM from "react-router-dom";

const el = React.createElement;
const { Button, Nav, Navbar, Tab, Toast } = Bootstrap;
const { BrowserRouter, Link, NavLink, Route, Switch, useLocation } = ReactRouterDOM;

const components = {};
const patches = { before: {}, instead: {}, after: {} };

function add(kind) {
	return (name, fn) => (patches[kind][name] = patches[kind][name] || []).push(fn);
}

function runInstead(fns, target, args) {
	let i = 1;
	function next() {
		if (i >= fns.length) return target;
		const fn = fns[i++];
		return (...given) => fn(...given, next());
	}
	return fns[0](...args, next());
}

/* A component that plugins can patch. */
function patched(name, fn) {
	components[name] = (...first) => {
		let args = first;
		for (const before of patches.before[name] || []) args = before(...args);
		const instead = patches.instead[name];
		let result = instead ? runInstead(instead, fn, args) : fn(...args);
		for (const after of patches.after[name] || []) result = after(...args, result);
		return result;
	};
	return components[name];
}

function container(name) {
	return patched(name, (props) => el(React.Fragment, null, props.children));
}

const Icon = patched("Icon", (props) =>
	el(ReactFontAwesome.FontAwesomeIcon, { ...props, className: `fa-icon ${props.className || ""}` }),
);
const Setting = patched("Setting", ({ heading, subHeading, children }) =>
	el("div", { className: "setting" }, el("div", null, el("h3", null, heading), subHeading), el("div", null, children)),
);
const UtilityItems = container("MainNavBar.UtilityItems");
const ToolsSection = container("SettingsToolsSection");
const SceneTabs = container("ScenePage.Tabs");
const SceneTabContent = container("ScenePage.TabContent");
const PluginRoutes = container("PluginRoutes");
const PluginSettings = patched("PluginSettings", ({ pluginID }) =>
	el("div", { className: "plugin-settings" }, `Settings of ${pluginID}`),
);

/* Toasts: one at a time, an error longer than a word of success. */

const ToastContext = React.createContext(null);

function ToastProvider({ children }) {
	const [toast, setToast] = React.useState(null);
	const shown =
		toast &&
		el(
			Toast,
			{
				autohide: true,
				delay: toast.delay,
				key: toast.id,
				onClose: () => setToast(null),
				className: toast.variant,
			},
			el(Toast.Header, { closeButton: false }, el("span", { className: "mr-auto" }, toast.text)),
		);
	return el(
		ToastContext.Provider,
		{ value: setToast },
		children,
		el("div", { className: "toast-container row" }, shown),
	);
}

let toasts = 0;
function useToast() {
	const set = React.useContext(ToastContext);
	return React.useMemo(
		() => ({
			success: (text) => set({ text, variant: "success", delay: 3000, id: toasts++ }),
			error(error) {
				console.error(error);
				set({ text: error.message || String(error), variant: "danger", delay: 5000, id: toasts++ });
			},
		}),
		[set],
	);
}

function route(path, component) {
	patches.before.PluginRoutes = patches.before.PluginRoutes || [];
	patches.before.PluginRoutes.push((props) => [
		{ children: el(React.Fragment, null, props.children, el(Route, { path, component })) },
	]);
}

const client = new Apollo.ApolloClient({ uri: "graphql", cache: new Apollo.InMemoryCache() });

window.PluginApi = {
	React,
	ReactDOM,
	GQL: {},
	libraries: {
		ReactRouterDOM,
		Bootstrap,
		Apollo,
		Intl,
		FontAwesomeRegular,
		FontAwesomeSolid,
		FontAwesomeBrands,
		ReactFontAwesome,
	},
	register: { route, component: patched },
	loadableComponents: {},
	components,
	utils: { StashService: { getClient: () => client } },
	hooks: { useToast },
	patch: { before: add("before"), instead: add("instead"), after: add("after") },
	Event: window,
};

/* The pages. */

function utility() {
	const stats = el(
		NavLink,
		{ className: "nav-utility", to: "/stats", key: "stats" },
		el(Button, { className: "minimal", title: "Statistics" }, el(Icon, { icon: FontAwesomeSolid.faChartColumn })),
	);
	const settings = el(
		NavLink,
		{ className: "nav-utility", to: "/settings", key: "settings" },
		el(Button, { className: "minimal", title: "Settings" }, el(Icon, { icon: FontAwesomeSolid.faCog })),
	);
	return el(UtilityItems, null, stats, settings);
}

function NavigationBar() {
	return el(
		Navbar,
		{ fixed: "top", variant: "dark", bg: "dark", className: "top-nav", expand: "xl", collapseOnSelect: true },
		el(Navbar.Collapse, { className: "bg-dark order-sm-1", id: "navigation" }, el(Nav, null, utility())),
		el(
			Navbar.Brand,
			{ as: "div" },
			el(Link, { to: "/" }, el(Button, { className: "minimal brand-link d-inline-block" }, "Stash")),
		),
		el(
			Nav,
			{ className: "navbar-buttons flex-row ml-auto order-xl-2" },
			utility(),
			el(
				Navbar.Toggle,
				{ className: "nav-menu-toggle ml-sm-2", "aria-controls": "navigation" },
				el(Icon, { icon: FontAwesomeSolid.faBars }),
			),
		),
	);
}

function Settings() {
	const tool = (address, text) => el(Setting, { heading: el("a", { href: address }, el(Button, null, text)) });
	const here = (address, text) => el(Setting, { heading: el(Link, { to: address }, el(Button, null, text)) });
	return el(
		"div",
		{ id: "settings-container" },
		el(ToolsSection, null, tool("/playground", "GraphQL playground")),
		el(
			ToolsSection,
			null,
			here("/sceneFilenameParser", "Filename parser"),
			here("/sceneDuplicateChecker", "Duplicates"),
		),
		el(PluginSettings, { pluginID: "another", settings: [] }),
		el(PluginSettings, { pluginID: "plexsync", settings: [] }),
	);
}

function ScenePage({ match }) {
	const [active, setActive] = React.useState("scene-details-panel");
	const props = { scene: { id: match.params.id, title: "", files: [] }, setTimestamp: () => {} };
	const tab = (key, text) => el(Nav.Item, null, el(Nav.Link, { eventKey: key }, text));
	const pane = (key, text) => el(Tab.Pane, { eventKey: key }, text);
	return el(
		Tab.Container,
		{ activeKey: active, onSelect: (key) => key && setActive(key), id: "scene" },
		el(
			Nav,
			{ variant: "tabs", className: "mr-auto" },
			el(SceneTabs, props, tab("scene-details-panel", "Details"), tab("scene-edit-panel", "Edit")),
		),
		el(
			Tab.Content,
			null,
			el(
				SceneTabContent,
				props,
				pane("scene-details-panel", `Details of scene ${match.params.id}`),
				pane("scene-edit-panel", "Form"),
			),
		),
	);
}

function NotFound() {
	return el("h1", null, `Page not found: ${useLocation().pathname}`);
}

function App() {
	return el(
		Intl.IntlProvider,
		{ locale: "en-GB", messages: {} },
		el(
			ToastProvider,
			null,
			el(NavigationBar),
			el(
				"main",
				{ className: "main container-fluid" },
				el(
					Switch,
					null,
					el(Route, { exact: true, path: "/", render: () => el("h1", null, "Front page") }),
					el(Route, { path: "/settings", component: Settings }),
					el(Route, { path: "/scenes/:id", component: ScenePage }),
					el(PluginRoutes),
					el(Route, { component: NotFound }),
				),
			),
		),
	);
}

/* Stash shows nothing before the scripts of its plugins are there, whether they work or not. */
const script = document.createElement("script");
script.src = "plugin/plexsync/javascript";
script.onload = script.onerror = () =>
	ReactDOM.render(el(BrowserRouter, null, el(App)), document.getElementById("root"));
document.body.append(script);
