"""The part of Stash's GraphQL that a metadata plugin may use, by version.

This is a schema of our own with Stash's names: what a query may ask for differs
between versions, and a field that a version does not have must fail as it does
there (HTTP 422), so what is marked "@since" or "@until" is taken out of the text
for the versions that do not have it.

Query and Mutation below are the root values: they turn arguments into calls on
the library and the server. The mutations that run hooks echo their input to the
plugin as Go does: a struct shows every key in its own order, set or not.
"""

import random
import re

import graphql
from graphql.language import ast

from .plugin_host import PluginError
from .stash_library import LibraryError

VERSIONS = ("v0.25", "v0.26", "v0.27", "v0.28", "v0.29", "v0.30", "v0.31", "next")

SDL = '''
scalar Time
scalar Map
scalar Any
scalar Int64
scalar Timestamp

enum SortDirectionEnum { ASC DESC }
enum CriterionModifier { EQUALS NOT_EQUALS GREATER_THAN LESS_THAN IS_NULL NOT_NULL INCLUDES INCLUDES_ALL EXCLUDES
  MATCHES_REGEX NOT_MATCHES_REGEX BETWEEN NOT_BETWEEN }
enum GenderEnum { MALE FEMALE TRANSGENDER_MALE TRANSGENDER_FEMALE INTERSEX NON_BINARY }
enum JobStatus { READY RUNNING FINISHED STOPPING CANCELLED FAILED }
enum PluginSettingTypeEnum { STRING NUMBER BOOLEAN }
enum BulkUpdateIdMode { SET ADD REMOVE }

type Query {
  findScene(id: ID, checksum: String): Scene
  findScenes(scene_filter: SceneFilterType, scene_ids: [Int!], ids: [ID!],
             filter: FindFilterType): FindScenesResultType!
  findPerformer(id: ID!): Performer
  findPerformers(performer_filter: NamedFilter, filter: FindFilterType, ids: [ID!]): FindPerformersResultType!
  findStudio(id: ID!): Studio
  findStudios(studio_filter: NamedFilter, filter: FindFilterType, ids: [ID!]): FindStudiosResultType!
  findTag(id: ID!): Tag
  findTags(tag_filter: NamedFilter, filter: FindFilterType, ids: [ID!]): FindTagsResultType!
  findGroup(id: ID!): Group @since(v: "v0.27")
  findGroups(group_filter: NamedFilter, filter: FindFilterType, ids: [ID!]): FindGroupsResultType! @since(v: "v0.27")
  findMovie(id: ID!): Movie @until(v: "v0.31")
  findMovies(movie_filter: NamedFilter, filter: FindFilterType, ids: [ID!]): FindMoviesResultType! @until(v: "v0.31")
  configuration: ConfigResult!
  plugins: [Plugin!]
  pluginTasks: [PluginTask!]
  jobQueue: [Job!]
  findJob(input: FindJobInput!): Job
  version: Version!
  systemStatus: SystemStatus!
  stats: StatsResultType!
  logs: [LogEntry!]!
}

type Mutation {
  sceneCreate(input: SceneCreateInput!): Scene
  sceneUpdate(input: SceneUpdateInput!): Scene
  scenesUpdate(input: [SceneUpdateInput!]!): [Scene]
  bulkSceneUpdate(input: BulkSceneUpdateInput!): [Scene!]
  sceneDestroy(input: SceneDestroyInput!): Boolean!
  scenesDestroy(input: ScenesDestroyInput!): Boolean!
  sceneMerge(input: SceneMergeInput!): Scene
  performerUpdate(input: PerformerUpdateInput!): Performer
  studioUpdate(input: StudioUpdateInput!): Studio
  tagUpdate(input: TagUpdateInput!): Tag
  tagsMerge(input: TagsMergeInput!): Tag
  groupUpdate(input: GroupUpdateInput!): Group @since(v: "v0.27")
  movieUpdate(input: MovieUpdateInput!): Movie @until(v: "v0.31")
  configurePlugin(plugin_id: ID!, input: Map!): Map!
  setPluginsEnabled(enabledMap: Map!): Boolean!
  reloadPlugins: Boolean!
  runPluginTask(plugin_id: ID!, task_name: String, description: String, args: [PluginArgInput!], args_map: Map): ID!
  runPluginOperation(plugin_id: ID!, args: Map): Any
  stopJob(job_id: ID!): Boolean!
  stopAllJobs: Boolean!
}

type Scene {
  id: ID! title: String code: String details: String director: String
  url: String @deprecated(reason: "use urls")
  urls: [String!]! date: String rating100: Int organized: Boolean! o_counter: Int interactive: Boolean!
  created_at: Time! updated_at: Time! last_played_at: Time resume_time: Float play_duration: Float play_count: Int
  play_history: [Time!]! o_history: [Time!]!
  files: [VideoFile!]! paths: ScenePathsType! scene_markers: [SceneMarker!]! galleries: [Gallery!]!
  studio: Studio tags: [Tag!]! performers: [Performer!]! stash_ids: [StashID!]!
  groups: [SceneGroup!]! @since(v: "v0.27")
  movies: [SceneMovie!]! @until(v: "v0.31")
  custom_fields: Map! @since(v: "v0.31")
}
type SceneGroup @since(v: "v0.27") { group: Group! scene_index: Int }
type SceneMovie @until(v: "v0.31") { movie: Movie! scene_index: Int }
type ScenePathsType { screenshot: String preview: String stream: String webp: String vtt: String sprite: String }
type SceneMarker {
  id: ID! title: String! seconds: Float! end_seconds: Float @since(v: "v0.28") primary_tag: Tag! tags: [Tag!]!
}
type VideoFile {
  id: ID! path: String! basename: String! size: Int64! mod_time: Time! format: String! width: Int! height: Int!
  duration: Float! video_codec: String! audio_codec: String! frame_rate: Float! bit_rate: Int!
  fingerprint(type: String!): String fingerprints: [Fingerprint!]! created_at: Time! updated_at: Time!
}
type Fingerprint { type: String! value: String! }
type StashID { endpoint: String! stash_id: String! updated_at: Time @since(v: "v0.28") }
type Gallery { id: ID! title: String }
type Performer {
  id: ID! name: String! disambiguation: String gender: GenderEnum alias_list: [String!]! favorite: Boolean!
  image_path: String urls: [String!] @since(v: "v0.27") custom_fields: Map! @since(v: "v0.28")
  created_at: Time! updated_at: Time!
}
type Studio {
  id: ID! name: String! parent_studio: Studio aliases: [String!]! details: String image_path: String
  urls: [String!]! @since(v: "v0.30") custom_fields: Map! @since(v: "v0.31") created_at: Time! updated_at: Time!
}
type Tag {
  id: ID! name: String! description: String aliases: [String!]! parents: [Tag!]! image_path: String
  custom_fields: Map! @since(v: "v0.31") created_at: Time! updated_at: Time!
}
type Group @since(v: "v0.27") {
  id: ID! name: String! aliases: String date: String director: String synopsis: String urls: [String!]!
  front_image_path: String custom_fields: Map! @since(v: "v0.31") created_at: Time! updated_at: Time!
}
type Movie @until(v: "v0.31") {
  id: ID! name: String! aliases: String date: String director: String synopsis: String front_image_path: String
  created_at: Time! updated_at: Time!
}
type FindScenesResultType { count: Int! duration: Float! filesize: Float! scenes: [Scene!]! }
type FindPerformersResultType { count: Int! performers: [Performer!]! }
type FindStudiosResultType { count: Int! studios: [Studio!]! }
type FindTagsResultType { count: Int! tags: [Tag!]! }
type FindGroupsResultType @since(v: "v0.27") { count: Int! groups: [Group!]! }
type FindMoviesResultType @until(v: "v0.31") { count: Int! movies: [Movie!]! }

type ConfigResult { general: ConfigGeneralResult! plugins(include: [ID!]): Map! }
type ConfigGeneralResult { apiKey: String! stashes: [StashConfig!]! databasePath: String! maxSessionAge: Int!
  parallelTasks: Int! }
type StashConfig { path: String! excludeVideo: Boolean! excludeImage: Boolean! }
type Plugin { id: ID! name: String! description: String url: String version: String enabled: Boolean!
  tasks: [PluginTask!] hooks: [PluginHook!] settings: [PluginSetting!] requires: [ID!] }
type PluginTask { name: String! description: String plugin: Plugin! }
type PluginHook { name: String! description: String hooks: [String!] plugin: Plugin! }
type PluginSetting { name: String! display_name: String description: String type: PluginSettingTypeEnum! }
type Job { id: ID! status: JobStatus! subTasks: [String!] description: String! progress: Float
  startTime: Time endTime: Time addTime: Time! error: String @since(v: "v0.26") }
type Version { version: String hash: String! build_time: String! }
type SystemStatus { status: String! configPath: String appSchema: Int! os: String! workingDir: String! }
type StatsResultType { scene_count: Int! performer_count: Int! studio_count: Int! tag_count: Int! }
type LogEntry { time: Time! level: String! message: String! }

input FindFilterType { q: String page: Int per_page: Int sort: String direction: SortDirectionEnum }
input FindJobInput { id: ID! }
input NamedFilter { name: StringCriterionInput }
input StringCriterionInput { value: String! modifier: CriterionModifier! }
input IntCriterionInput { value: Int! value2: Int modifier: CriterionModifier! }
input MultiCriterionInput { value: [ID!] modifier: CriterionModifier! excludes: [ID!] }
input HierarchicalMultiCriterionInput { value: [ID!] modifier: CriterionModifier! depth: Int excludes: [ID!] }
input TimestampCriterionInput { value: String! value2: String modifier: CriterionModifier! }
input DateCriterionInput { value: String! value2: String modifier: CriterionModifier! }
input StashIDCriterionInput { endpoint: String stash_id: String modifier: CriterionModifier! }
input SceneFilterType {
  AND: SceneFilterType OR: SceneFilterType NOT: SceneFilterType
  id: IntCriterionInput title: StringCriterionInput code: StringCriterionInput details: StringCriterionInput
  director: StringCriterionInput oshash: StringCriterionInput checksum: StringCriterionInput
  path: StringCriterionInput file_count: IntCriterionInput rating100: IntCriterionInput organized: Boolean
  o_counter: IntCriterionInput play_count: IntCriterionInput
  studios: HierarchicalMultiCriterionInput tags: HierarchicalMultiCriterionInput performers: MultiCriterionInput
  groups: HierarchicalMultiCriterionInput @since(v: "v0.27")
  movies: MultiCriterionInput @until(v: "v0.31")
  tag_count: IntCriterionInput performer_count: IntCriterionInput stash_id_endpoint: StashIDCriterionInput
  date: DateCriterionInput created_at: TimestampCriterionInput updated_at: TimestampCriterionInput
}

input SceneGroupInput @since(v: "v0.27") { group_id: ID! scene_index: Int }
input SceneMovieInput @until(v: "v0.31") { movie_id: ID! scene_index: Int }
input StashIDInput { endpoint: String! stash_id: String! }
input SceneCreateInput {
  title: String code: String details: String director: String urls: [String!] date: String rating100: Int
  organized: Boolean studio_id: ID performer_ids: [ID!] tag_ids: [ID!] cover_image: String file_ids: [ID!]
}
input SceneUpdateInput {
  clientMutationId: String id: ID! title: String code: String details: String director: String url: String
  urls: [String!] date: String rating100: Int o_counter: Int organized: Boolean studio_id: ID gallery_ids: [ID!]
  performer_ids: [ID!] movies: [SceneMovieInput!] @until(v: "v0.31") groups: [SceneGroupInput!] @since(v: "v0.27")
  tag_ids: [ID!] cover_image: String stash_ids: [StashIDInput!] resume_time: Float play_duration: Float
  play_count: Int primary_file_id: ID custom_fields: Map @since(v: "v0.31")
}
input BulkUpdateIds { ids: [ID!] mode: BulkUpdateIdMode! }
input BulkUpdateStrings { values: [String!] mode: BulkUpdateIdMode! }
input BulkSceneUpdateInput {
  clientMutationId: String ids: [ID!] title: String code: String details: String director: String
  urls: BulkUpdateStrings date: String rating100: Int organized: Boolean studio_id: ID gallery_ids: BulkUpdateIds
  performer_ids: BulkUpdateIds tag_ids: BulkUpdateIds group_ids: BulkUpdateIds @since(v: "v0.27")
  movie_ids: BulkUpdateIds @until(v: "v0.31")
}
input SceneDestroyInput { id: ID! delete_file: Boolean delete_generated: Boolean }
input ScenesDestroyInput { ids: [ID!]! delete_file: Boolean delete_generated: Boolean }
input SceneMergeInput { source: [ID!]! destination: ID! values: SceneUpdateInput }
input PerformerUpdateInput { id: ID! name: String disambiguation: String gender: GenderEnum alias_list: [String!]
  favorite: Boolean }
input StudioUpdateInput { id: ID! name: String parent_id: ID image: String details: String aliases: [String!] }
input TagUpdateInput { id: ID! name: String description: String aliases: [String!] parent_ids: [ID!] }
input TagsMergeInput { source: [ID!]! destination: ID! }
input GroupUpdateInput @since(v: "v0.27") { id: ID! name: String aliases: String date: String director: String
  synopsis: String urls: [String!] front_image: String back_image: String }
input MovieUpdateInput @until(v: "v0.31") { id: ID! name: String aliases: String date: String director: String
  synopsis: String front_image: String back_image: String }
input PluginArgInput { key: String! value: PluginValueInput }
input PluginValueInput { str: String i: Int b: Boolean f: Float o: [PluginArgInput!] a: [PluginValueInput!] }
'''

ONLY_IN = r'\s*@(?P<when>since|until)\(v: "(?P<other>[^"]+)"\)'
DEFINITION = re.compile(r"(?P<head>(?:type|input) \w+)" + ONLY_IN + r"(?P<body>\s*\{[^}]*\})")
FIELD = re.compile(r"(?P<head>\w+(?:\([^()]*\))?: [\[\]\w!]+)" + ONLY_IN + r"(?P<body>)")
_SCHEMAS = {}


def sdl_for(version):
    """The schema's text for a version: what it does not have is taken out."""
    def one(match):
        mine, other = VERSIONS.index(version), VERSIONS.index(match["other"])
        there = mine >= other if match["when"] == "since" else mine <= other
        return match["head"] + match["body"] if there else ""
    return FIELD.sub(one, DEFINITION.sub(one, SDL))


def _scalar_literal(node, variables=None):
    """A literal inside the query as a value: Map and Any take anything."""
    if isinstance(node, ast.VariableNode):
        return (variables or {}).get(node.name.value)
    if isinstance(node, ast.ObjectValueNode):
        return {item.name.value: _scalar_literal(item.value, variables) for item in node.fields}
    if isinstance(node, ast.ListValueNode):
        return [_scalar_literal(item, variables) for item in node.values]
    if isinstance(node, ast.IntValueNode):
        return int(node.value)
    if isinstance(node, ast.FloatValueNode):
        return float(node.value)
    return getattr(node, "value", None)


def _map_value(value):
    if not isinstance(value, dict):
        raise graphql.GraphQLError(f"{type(value).__name__} is not a map")
    return value


def schema_for(version, lacking=()):
    """The executable schema of a version; without some fields ("Scene.code")."""
    if (version, lacking) not in _SCHEMAS:
        schema = graphql.build_schema(sdl_for(version))
        for name in lacking:
            kind, field = name.split(".")
            del schema.type_map[kind].fields[field]
        for name in ("Map", "Any"):
            schema.type_map[name].parse_literal = _scalar_literal
        schema.type_map["Map"].parse_value = _map_value
        _bind(schema, version)
        _SCHEMAS[version, lacking] = schema
    return _SCHEMAS[version, lacking]


def _image(kind, name="image", data="image"):
    """An address with the time of the last change, and a mark if nothing but a default picture is there."""
    def address(row, info):
        stamp = int(info.context.server.epoch(row.updated_at))
        default = "" if getattr(row, data, b"") else "&default=true"
        return f"{info.context.base_url}/{kind}/{row.id}/{name}?t={stamp}{default}"
    return address


def _bind(schema, version):
    """The few fields that are no attribute of the model."""
    def paths(scene, info):
        stamp = int(info.context.server.epoch(scene.updated_at))
        base = f"{info.context.base_url}/scene/{scene.id}"
        return {"screenshot": f"{base}/screenshot?t={stamp}", "preview": f"{base}/preview", "stream": f"{base}/stream",
                "webp": f"{base}/webp", "vtt": f"{base}_thumbs.vtt", "sprite": f"{base}_sprite.jpg"}

    resolvers = {
        ("Scene", "paths"): paths,
        ("Scene", "url"): lambda scene, info: scene.urls[0] if scene.urls else None,
        ("Scene", "movies"): lambda scene, info: [{"movie": entry["group"], "scene_index": entry["scene_index"]}
                                                  for entry in scene.groups],
        ("VideoFile", "fingerprint"): lambda file, info, type: file.hash(type) or None,
        ("ConfigResult", "plugins"): lambda config, info, include=None: info.context.server.plugin_settings(include),
        ("Performer", "image_path"): _image("performer"), ("Studio", "image_path"): _image("studio"),
        ("Tag", "image_path"): _image("tag"), ("Group", "front_image_path"): _image("group", "frontimage", "front_image"),
        ("Movie", "front_image_path"): _image("movie" if version in ("v0.25", "v0.26") else "group", "frontimage",
                                              "front_image"),
    }
    for (kind, name), resolver in resolvers.items():
        if kind in schema.type_map and name in schema.type_map[kind].fields:
            schema.type_map[kind].fields[name].resolve = resolver


def input_keys(version, name):
    """The keys of an input type in the order of its struct."""
    return list(schema_for(version).type_map[name].fields)


def go_struct(version, name, values):
    """An input as Go hands it to a hook: every key, null where nothing was
    given. Bulk inputs are generated code and leave out what is not set."""
    keys = input_keys(version, name)
    if name.startswith("Bulk") or name == "TagsMergeInput":
        return {key: values[key] for key in keys if values.get(key) is not None}
    return {key: _go_groups(key, values.get(key)) for key in keys}


def _go_groups(key, value):
    """The entries of a scene's groups are structs too."""
    if key not in ("groups", "movies") or value is None:
        return value
    return [{f"{key[:-1]}_id": entry[f"{key[:-1]}_id"], "scene_index": entry.get("scene_index")} for entry in value]


def field_names(values):
    """inputFields: the keys that the client sent, in the order of a Go map."""
    return random.sample(list(values), len(values))


class Root:
    """Query and Mutation: a method for each field, named as the field is. 'info'
    carries the request's context; errors raised here become GraphQL errors."""

    def __init__(self, server):
        self.server = server
        self.library = server.library

    # queries

    @staticmethod
    def _sound(scenes):
        """A scene whose rows in Stash's database are damaged spoils every answer that it is in."""
        for scene in scenes:
            if scene.damage:
                raise LibraryError(scene.damage)

    def findScene(self, _info, id=None, checksum=None):
        if id is not None:
            scene = self.library.get("scene", _number(id))
            self._sound([scene] if scene else [])
            return scene
        return next((scene for scene in self.library.all("scene")
                     if any(file.hash("md5") == checksum for file in scene.files)), None)

    def findScenes(self, _info, scene_filter=None, scene_ids=None, ids=None, filter=None):
        count, scenes = self.library.find_scenes(scene_filter, ids or scene_ids, filter)
        self._sound(scenes)
        files = [scene.files[0] for scene in scenes if scene.files]
        return {"count": count, "scenes": scenes, "duration": sum(file.duration for file in files),
                "filesize": sum(file.size for file in files)}

    def __getattr__(self, field):
        """findPerformer, findStudios …: all the same for things with a name."""
        match = re.fullmatch(r"find(Performer|Studio|Tag|Group|Movie)(s?)", field)
        if not match:
            raise AttributeError(field)
        kind = match.group(1).lower().replace("movie", "group")

        def one(_info, id):
            return self.library.get(kind, _number(id))

        def many(_info, ids=None, filter=None, **named):
            name = next((value.get("name") for value in named.values() if value), None)
            count, rows = self.library.find_named(kind, ids, filter, name)
            return {"count": count, match.group(1).lower() + "s": rows}
        return many if match.group(2) else one

    def configuration(self, _info):
        return {"general": self.server.general_settings()}

    def plugins(self, _info):
        return [plugin.describe(plugin.id in self.server.host.disabled) for plugin in self.server.host.plugins]

    def pluginTasks(self, _info):
        return [{**task, "plugin": plugin.describe()} for plugin in self.server.host.plugins
                if plugin.id not in self.server.host.disabled for task in plugin.describe()["tasks"]]

    def jobQueue(self, _info):
        """Null, not an empty list, when nothing is queued."""
        return [job.describe() for job in self.server.jobs.queued()] or None

    def findJob(self, _info, input):
        job = self.server.jobs.find(_number(input["id"]))
        return job and job.describe()

    def version(self, _info):
        return {"version": self.server.version_string, "hash": "0f1e2d3c", "build_time": "2026-01-11 07:07:53"}

    def systemStatus(self, _info):
        return {"status": "OK", "configPath": self.server.config_dir + "/config.yml", "appSchema": 70, "os": "linux",
                "workingDir": self.server.host.cwd or ""}

    def stats(self, _info):
        return {f"{kind}_count": len(self.library.all(kind)) for kind in ("scene", "performer", "studio", "tag")}

    def logs(self, _info):
        """The last 30 lines, the newest first."""
        shown = [entry for entry in self.server.log if entry[0] in ("info", "warning", "error")][-30:]
        return [{"time": self.library.now(), "level": level.capitalize(), "message": text}
                for level, text in reversed(shown)]

    # mutations: first the whole change, then the hooks, one scene at a time

    def _echo(self, name, values):
        return go_struct(self.server.version, name, values)

    def _hook(self, info, number, trigger, value=None, fields=()):
        return self.server.host.post_hooks(info.context.go, trigger, number, value, fields)

    def _again(self, info, number):
        """The scene is read again after its hook; a client that left ends it here."""
        if info.context.go.ended():
            raise PluginError("context canceled")
        return self.library.get("scene", number)

    def sceneCreate(self, info, input):
        values = {key: value for key, value in input.items() if key != "file_ids"}
        files = [self.library.need("file", number) for number in input.get("file_ids") or ()]
        scene = self.library.add("scene", files=files)
        self.library.update_scene(scene.id, values)
        self._hook(info, scene.id, "Scene.Create.Post")
        return scene

    def sceneUpdate(self, info, input):
        scene = self.library.update_scene(_number(input["id"]), input)
        self._hook(info, scene.id, "Scene.Update.Post", self._echo("SceneUpdateInput", input), field_names(input))
        return self._again(info, scene.id)

    def scenesUpdate(self, info, input):
        for values in input:
            self.library.need("scene", _number(values["id"]))
        scenes = [self.library.update_scene(_number(values["id"]), values) for values in input]
        echo = [self._echo("SceneUpdateInput", values) for values in input]
        result = []
        for scene, values in zip(scenes, input):
            self._hook(info, scene.id, "Scene.Update.Post", echo, field_names(values))
            result.append(self._again(info, scene.id))
        return result

    def bulkSceneUpdate(self, info, input):
        values = {key: value for key, value in input.items() if key not in ("ids", "clientMutationId")}
        scenes = self.library.bulk_update_scenes([_number(number) for number in input.get("ids") or ()], values)
        echo, result = self._echo("BulkSceneUpdateInput", input), []
        for scene in scenes:
            self._hook(info, scene.id, "Scene.Update.Post", echo, field_names(input))
            result.append(self._again(info, scene.id))
        return result

    def sceneDestroy(self, info, input):
        scene = self.library.destroy_scene(_number(input["id"]))
        self._hook(info, scene.id, "Scene.Destroy.Post",
                   {**self._echo("SceneDestroyInput", input), **self.traces(scene)})
        return True

    def scenesDestroy(self, info, input):
        numbers = [_number(number) for number in input["ids"]]
        for number in numbers:
            self.library.need("scene", number)
        for scene in [self.library.destroy_scene(number) for number in numbers]:
            self._hook(info, scene.id, "Scene.Destroy.Post",
                       {**self._echo("ScenesDestroyInput", input), **self.traces(scene)})
        return True

    @staticmethod
    def traces(scene):
        """What a Destroy tells about a scene that is gone already."""
        file = scene.files[0] if scene.files else None
        return {"checksum": file.hash("md5") if file else "", "oshash": file.hash("oshash") if file else "",
                "path": scene.path}

    def sceneMerge(self, _info, input):
        values = {key: value for key, value in (input.get("values") or {}).items() if key != "id"}
        return self.library.merge_scenes(input["destination"], *input["source"], **values)

    def _update(self, info, kind, values, *triggers):
        row = self.library.update(kind, _number(values["id"]), values)
        name = f"{kind.capitalize()}UpdateInput" if kind != "group" else triggers[0].split(".")[0] + "UpdateInput"
        if name not in schema_for(self.server.version).type_map:
            name = "MovieUpdateInput"
        for trigger in triggers:
            self._hook(info, row.id, trigger, self._echo(name, values), field_names(values))
        return row

    def performerUpdate(self, info, input):
        return self._update(info, "performer", input, "Performer.Update.Post")

    def studioUpdate(self, info, input):
        return self._update(info, "studio", input, "Studio.Update.Post")

    def tagUpdate(self, info, input):
        return self._update(info, "tag", input, "Tag.Update.Post")

    def groupUpdate(self, info, input):
        """Both names fire for a group, until one of them is gone."""
        if self.server.version in ("v0.25", "v0.26"):
            return self._update(info, "group", input, "Movie.Update.Post")
        return self._update(info, "group", input, "Group.Update.Post", "Movie.Update.Post")

    movieUpdate = groupUpdate

    def tagsMerge(self, info, input):
        tag = self.library.merge_tags(input["source"], input["destination"])
        self._hook(info, tag.id, "Tag.Merge.Post", self._echo("TagsMergeInput", input))
        return tag

    def configurePlugin(self, _info, plugin_id, input):
        """Overwrites everything that was saved for the plugin."""
        self.server.settings[plugin_id] = dict(input)
        return self.server.settings[plugin_id]

    def setPluginsEnabled(self, _info, enabledMap):
        for plugin_id, enabled in enabledMap.items():
            (self.server.host.disabled.discard if enabled else self.server.host.disabled.add)(plugin_id)
        return True

    def reloadPlugins(self, _info):
        self.server.load_plugins()
        return True

    def runPluginTask(self, info, plugin_id, task_name=None, description=None, args=None, args_map=None):
        args_map = _legacy_args(args) if args_map is None else args_map
        return self.server.jobs.add(info.context.go, plugin_id, task_name, description, args_map).id

    def runPluginOperation(self, info, plugin_id, args=None):
        return self.server.host.operation(info.context.go, plugin_id, args).output

    def stopJob(self, _info, job_id):
        self.server.jobs.stop(_number(job_id))
        return True

    def stopAllJobs(self, _info):
        for job in self.server.jobs.queued():
            self.server.jobs.stop(job.id)
        return True


def _number(text):
    try:
        return int(text)
    except ValueError:
        raise LibraryError(f'strconv.Atoi: parsing "{text}": invalid syntax') from None


def _legacy_args(args):
    """The list form of args that was the only one before v0.25."""
    def value(item):
        if not item:
            return None
        key, found = next(iter(item.items()))
        if key == "o":
            return _legacy_args(found)
        return [value(entry) for entry in found] if key == "a" else found
    return {item["key"]: value(item.get("value")) for item in args or ()}
