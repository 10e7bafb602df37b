/* page.js - registers it all with Stash: the page with its views, the ways to it, and the tab of a scene. */
(function () {
	"use strict";

	const { PluginApi } = window;
	const { el, all, icon, Overview, Needs, Activity, Setup, Scene } = window.plexsync;
	const { React, libraries, components } = PluginApi;
	const { Button, Nav, Tab } = libraries.Bootstrap;
	const { Link, NavLink, Redirect, Route, Switch } = libraries.ReactRouterDOM;

	const HOME = "/plugins/plexsync";
	const TAB = "plexsync-panel";
	const VIEWS = [
		["overview", "Overview", Overview],
		["needs", "Needs you", Needs],
		["activity", "Activity", Activity],
		["setup", "Setup", Setup],
	];

	function Page() {
		React.useEffect(() => void (document.title = "PlexSync | Stash"), []);
		const tab = ([key, title]) => el(Nav.Item, el(NavLink, { to: `${HOME}/${key}`, className: "nav-link" }, title));
		return el(
			"div.plexsync",
			el("h1", "PlexSync"),
			el(Nav, { variant: "tabs", as: "nav", "aria-label": "PlexSync" }, ...VIEWS.map(tab)),
			el(
				Switch,
				...VIEWS.map(([key, , component]) => el(Route, { path: `${HOME}/${key}`, component })),
				el(Redirect, { to: `${HOME}/overview` }),
			),
		);
	}

	/* Stash's icons are there only when it draws. */
	function BarItem() {
		const className = "minimal d-flex align-items-center h-100";
		const drawn = el(Button, { className, title: "PlexSync" }, icon("faChevronCircleRight") || "Plex");
		return el(NavLink, { className: "nav-utility", to: HOME, "aria-label": "PlexSync" }, drawn);
	}

	/* Stash draws the section of tools twice; the first is the one with the playground. */
	function holds(node, address) {
		if (Array.isArray(node)) return node.some((child) => holds(child, address));
		const props = React.isValidElement(node) && node.props;
		return props && (props.href === address || holds(props.heading, address) || holds(props.children, address));
	}

	function tool({ children }) {
		const heading = el(Link, { to: HOME }, el(Button, "PlexSync"));
		return holds(children, "/playground") && el(components.Setting, { heading });
	}

	/* It is there only while it is looked at, because showing it starts the executable. */
	function pane({ scene: { id } }) {
		const shown = { eventKey: TAB, mountOnEnter: true, unmountOnExit: true };
		return el(Tab.Pane, shown, el(Scene, { key: id, id }));
	}

	/* Adds what 'make' makes of the properties to what a part of Stash shows. If that throws, Stash shows its own. */
	function add(name, make) {
		PluginApi.patch.before(name, (props, ...rest) => {
			try {
				return [{ ...props, children: all(props.children, make(props)) }, ...rest];
			} catch (error) {
				console.error("PlexSync", name, error);
				return [props, ...rest];
			}
		});
	}

	function settings({ pluginID }, drawn) {
		const heading = el(Link, { to: HOME }, "PlexSync's page");
		const subHeading = "Signs in to Plex, and shows what was pushed.";
		return pluginID === "plexsync" ? all(el(components.Setting, { heading, subHeading }), drawn) : drawn;
	}

	PluginApi.register.route(HOME, Page);
	add("MainNavBar.UtilityItems", () => el(BarItem));
	add("SettingsToolsSection", tool);
	add("ScenePage.Tabs", () => el(Nav.Item, el(Nav.Link, { eventKey: TAB }, "Plex")));
	add("ScenePage.TabContent", pane);
	/* The last argument is what Stash has drawn; how many there are depends on its version. */
	PluginApi.patch.after("PluginSettings", (props, ...rest) => settings(props, rest[rest.length - 1]));
})();
