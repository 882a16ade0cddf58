public import Contracts
import Foundation

/// Validates JSON against the schemas in `contracts/` with an independent implementation of JSON Schema 2020-12:
/// Debian's `python3-jsonschema`.
public enum JSONSchemaCheck {
    /// A document and its schema.
    public struct Instance: Codable, Sendable {
        /// The key of the document in the findings.
        public var name: String
        /// The path of the schema in `contracts/`, with a JSON Pointer as fragment for a part of a file, such as
        /// `schemas/job.schema.json` or `openapi.yaml#/components/schemas/Download`.
        public var schema: String
        public var json: JSONValue

        public init(_ name: String, schema: String, json: JSONValue) {
            self.name = name
            self.schema = schema
            self.json = json
        }
    }

    /// A violation of the schema. For a missing member, `place` is the path of the member, as in the errors of HDM.
    public struct Finding: Codable, Sendable, Equatable, CustomStringConvertible {
        /// A JSON Pointer (RFC 6901).
        public var place: String
        public var problem: String

        public var description: String { "\(place): \(problem)" }
    }

    /// Validates documents in one process, which takes about 0.3 s.
    /// - Returns: The findings of each document by its name; an empty list for a valid one.
    /// - Throws: ``ChildProcess/Failure`` if a schema cannot be read or python3-jsonschema is not installed.
    public static func findings(in instances: [Instance]) async throws -> [String: [Finding]] {
        let input = try ContractCoding.encode(instances)
        let output = try await python(script, [PackageRoot.path("contracts")], input: input)
        return try ContractCoding.decode([String: [Finding]].self, from: output)
    }

    /// Converts a YAML file of the package, such as `contracts/asyncapi.yaml`, to JSON.
    public static func yaml(_ path: String) async throws -> JSONValue {
        let script = "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)"
        let output = try await python(script, [PackageRoot.path(path)])
        return try ContractCoding.decode(JSONValue.self, from: output)
    }

    /// Runs the Python of the system, which has Debian's packages. The first one in `PATH` can be another.
    private static func python(_ script: String, _ arguments: [String], input: Data = Data()) async throws -> Data {
        try await ChildProcess.run("/usr/bin/python3", ["-W", "ignore", "-c", script] + arguments, input: input).data
    }

    private static let script = """
        import glob, json, os, sys
        import jsonschema, yaml

        folder = os.path.abspath(sys.argv[1])
        store = {}
        for path in glob.glob(folder + "/schemas/*.json") + glob.glob(folder + "/*.yaml"):
            with open(path) as file:
                store["file://" + path] = yaml.safe_load(file)
        for address, schema in store.items():
            if address.endswith(".json"):
                jsonschema.Draft202012Validator.check_schema(schema)

        def pointer(parts):
            return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)

        def leaves(error):
            branches = [e for e in error.context if not (e.validator == "type" and e.validator_value == "null")]
            return [leaf for e in branches for leaf in leaves(e)] if branches else [error]

        def findings(error):
            for leaf in leaves(error):
                place = pointer(leaf.absolute_path)
                if leaf.validator == "required":
                    for name in leaf.validator_value:
                        if name not in leaf.instance:
                            yield place + pointer([name]), "is missing"
                else:
                    yield place, leaf.message

        def check(instance):
            schema = {"$ref": "file://" + folder + "/" + instance["schema"]}
            resolver = jsonschema.RefResolver("file://" + folder + "/", schema, store=store)
            errors = jsonschema.Draft202012Validator(schema, resolver=resolver).iter_errors(instance["json"])
            found = sorted({finding for error in errors for finding in findings(error)})
            return [{"place": place, "problem": problem} for place, problem in found]

        json.dump({i["name"]: check(i) for i in json.load(sys.stdin)}, sys.stdout)
        """
}
