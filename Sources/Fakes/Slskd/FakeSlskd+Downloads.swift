import Contracts
import Foundation

extension FakeSlskd {
    /// `GET /files/downloads/directories[/{base64}]`: lists the downloads folder.
    func listDownloads(_ call: SlskdCall) async throws(FakeResponse) -> FakeResponse {
        let relative = try relativePath(call.parameter(0))
        let folder = relative.isEmpty ? disk.downloads : SlskdDisk.file(relative, in: disk.downloads)
        let isRecursive = call.flag("recursive")
        let listing = try? await disk.onThread { try Self.listing(of: folder, named: relative, isRecursive) }
        guard let listing else { throw .empty(404) }
        return .json(200, listing)
    }

    private func relativePath(_ parameter: String) throws(FakeResponse) -> String {
        guard !parameter.isEmpty else { return "" }
        guard let data = Data(base64Encoded: parameter), let path = String(data: data, encoding: .utf8) else {
            throw .text(400, "The directory is not valid base64")
        }
        guard !SlskdPath.hasTraversal(path), !path.hasPrefix("/") else { throw .empty(403) }
        return path
    }

    private static func listing(of folder: URL, named relative: String, _ isRecursive: Bool) throws -> JSONValue {
        let path = folder.path(percentEncoded: false)
        let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        var (files, folders): ([JSONValue], [JSONValue]) = ([], [])
        for name in names {
            let (item, full) = (SlskdDisk.file(name, in: folder), relative.isEmpty ? name : "\(relative)/\(name)")
            var entry = try attributes(of: item, named: name, full: full)
            if entry["length"] == nil, isRecursive {
                folders.append(try listing(of: item, named: full, true))
            } else if entry["length"] == nil {
                entry["files"] = []
                entry["directories"] = []
                folders.append(.object(entry))
            } else {
                files.append(.object(entry))
            }
        }
        var entry = try attributes(of: folder, named: folder.lastPathComponent, full: relative)
        entry["files"] = .array(files)
        entry["directories"] = .array(folders)
        return .object(entry)
    }

    private static func attributes(
        of item: URL, named name: String, full: String
    ) throws -> [String: JSONValue] {
        let attributes = try FileManager.default.attributesOfItem(atPath: item.path(percentEncoded: false))
        let modified = attributes[.modificationDate] as? Date ?? Date()
        let isFolder = attributes[.type] as? FileAttributeType == .typeDirectory
        var entry: [String: JSONValue] = [
            "name": .string(name), "fullName": .string(full), "attributes": isFolder ? "Directory" : "Normal",
            "createdAt": .string(SlskdTime.text(modified) + "Z"),
            "modifiedAt": .string(SlskdTime.text(modified) + "Z"),
        ]
        if !isFolder { entry["length"] = .integer((attributes[.size] as? NSNumber)?.int64Value ?? 0) }
        return entry
    }
}
