import ArgumentParser
import Contracts
import Foundation
import HTTPClient

struct SubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit", abstract: "Requests one track, or the tracks of a submission document.",
        discussion: """
            hdm submit "Artist" "Title" [--album Album]
            hdm submit --isrc CODE
            hdm submit --file submission.json
            """)

    @Argument(help: "The artist.")
    var artist: String?

    @Argument(help: "The title.")
    var title: String?

    @Option(help: "The album.")
    var album: String?

    @Option(help: "The ISRC of the recording.")
    var isrc: String?

    @Option(name: .customLong("spotify-id"), help: "The Spotify id of the track.")
    var spotifyID: String?

    @Option(help: "The duration in seconds.")
    var duration: Double?

    @Option(help: "0 to 9; higher runs first.")
    var priority: Int?

    @Flag(help: "Download again what was already processed.")
    var force = false

    @Flag(help: "Search again at growing intervals until a source offers the track.")
    var standing = false

    @Option(help: "A submission document as in contracts/schemas; - for standard input.")
    var file: String?

    @OptionGroup var gateway: GatewayOptions

    func validate() throws {
        guard file != nil || (artist != nil && title != nil) || isrc != nil || spotifyID != nil else {
            throw ValidationError("give an artist and a title, --isrc, --spotify-id or --file")
        }
    }

    func run() async throws {
        try printJSON(try await gateway.request(.post, "/api/v1/downloads", body: try document()))
    }

    private func document() throws -> Data {
        if file == "-" { return FileHandle.standardInput.readDataToEndOfFile() }
        if let file {
            guard let data = FileManager.default.contents(atPath: file) else {
                throw ValidationError("\(file) cannot be read")
            }
            return data
        }
        var track = Track(artist: artist ?? "", title: title ?? "", album: album)
        track.isrc = isrc
        track.spotifyID = spotifyID
        track.durationMS = duration.map { Int($0 * 1000) }
        var submission = Submission(items: [SubmissionItem(track: track)])
        submission.priority = priority
        submission.force = force ? true : nil
        submission.standing = standing ? true : nil
        return try ContractCoding.encode(submission)
    }
}
