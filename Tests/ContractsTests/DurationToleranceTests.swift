import Contracts
import Testing

@Suite struct DurationToleranceTests {
    @Test func `the limit is the minimum, or the share of a long recording`() {
        #expect(DurationTolerance.possibleRecording.limit(for: 60_000) == 8_999)
        #expect(DurationTolerance.possibleRecording.limit(for: 3_600_000) == 36_000)
        #expect(DurationTolerance.sameRecording.limit(for: 7_200_000) == 36_000)
        #expect(DurationTolerance.sameRelease.limit(for: 7_200_000) == 2_000)
    }

    @Test func `a difference of the limit is accepted, a larger one is not`() {
        #expect(DurationTolerance.sameRecording.accepts(205_000, for: 200_000))
        #expect(DurationTolerance.sameRecording.accepts(195_000, for: 200_000))
        #expect(!DurationTolerance.sameRecording.accepts(194_999, for: 200_000))
        #expect(DurationTolerance.possibleRecording.accepts(208_999, for: 200_000))
        #expect(!DurationTolerance.possibleRecording.accepts(209_000, for: 200_000))
    }

    @Test func `durations at the ends of the range of numbers do not overflow`() {
        #expect(DurationTolerance.difference(.max, .min) == .max)
        #expect(DurationTolerance.difference(.min, 0) == .max)
        #expect(!DurationTolerance.possibleRecording.accepts(.min, for: 1000))
        #expect(DurationTolerance(minimumMS: 1, permille: 3000).limit(for: .max) == .max)
    }
}
