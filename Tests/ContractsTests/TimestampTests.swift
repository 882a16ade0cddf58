import Contracts
import Foundation
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        ("2026-01-31T08:15:30Z", "2026-01-31T08:15:30.000Z"),
        ("2026-01-31T08:15:30.250Z", "2026-01-31T08:15:30.250Z"),
        ("2026-01-31T08:15:30.250+01:00", "2026-01-31T07:15:30.250Z"),
        ("2026-01-31T08:15:30-03:30", "2026-01-31T11:45:30.000Z"),
        ("2026-01-31T08:15:30.5Z", "2026-01-31T08:15:30.500Z"),
    ])
    func `any offset is read, UTC with milliseconds is written`(_ text: String, _ written: String) {
        #expect(Timestamp(text)?.description == written)
    }

    @Test(arguments: [
        "", "now", "2026-01-31", "2026-01-31T08:15:30", "2026-01-31 08:15:30Z", "1769847330", "2026-13-01T00:00:00Z",
    ])
    func `text that is not a date with a time and an offset is refused`(_ text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func `a time is equal after it was written and read, to the millisecond`() throws {
        let start = try #require(Timestamp("2026-01-31T08:15:30Z"))
        for milliseconds in 0..<2000 {
            let time = start + .milliseconds(milliseconds)
            #expect(Timestamp(time.description) == time)
            #expect(time.since(start) == .milliseconds(milliseconds))
        }
        #expect(Timestamp(Timestamp.now.description) != nil)
    }

    @Test(arguments: [
        "2026-02-30T08:15:30Z", "2026-01-31T25:15:30Z", "2026-01-31T08:60:30Z", "2026-01-31T08:15:30Z and more",
        "2026-01-31T08:15:30-0330", "12026-01-31T08:15:30Z",
    ])
    func `text that looks like a time is refused`(_ text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func `times are compared and subtracted`() throws {
        let early = try #require(Timestamp("2026-01-31T08:15:30Z"))
        let late = early + .milliseconds(1500)
        #expect(early < late)
        #expect(late.since(early) == .milliseconds(1500))
        #expect(early.since(late) == .milliseconds(-1500))
        #expect(late.description == "2026-01-31T08:15:31.500Z")
    }
}
