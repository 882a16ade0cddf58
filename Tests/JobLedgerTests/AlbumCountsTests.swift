import Contracts
import Foundation
import Testing

@testable import JobLedger

/// Jobs that want tracks of one album know of each other.
struct AlbumCountsTests {
    private func item(
        _ artist: String, _ title: String, _ album: String?, by albumArtist: String? = nil
    ) -> SubmissionItem {
        var track = Track(artist: artist, title: title, album: album)
        track.albumArtist = albumArtist
        return SubmissionItem(track: track)
    }

    @Test func `tracks of one album are counted, whatever the case of its names`() throws {
        let submission = Submission(items: [
            item("Lantern Row", "Tidal", "Harbour Lights"), item("lantern row", "Ferry", "HARBOUR LIGHTS "),
            item("Mira Holt", "Quay", "Harbour Lights"), item("Lantern Row", "Alone", nil),
            item("Lantern Row", "Also Alone", nil), item("Guest", "Duet", "Other", by: "Lantern Row"),
            item("Lantern Row", "Solo", "Other", by: "Lantern Row"),
            SubmissionItem(link: "spotify:album:4uLU6hMCjMI75M1A2tKUQC"),
        ])
        let admission = try Admission(submission, limits: AdmissionLimits(), at: .now)
        #expect(admission.items.map(\.job.albumJobs) == [2, 2, nil, nil, nil, 2, 2])
    }
}
