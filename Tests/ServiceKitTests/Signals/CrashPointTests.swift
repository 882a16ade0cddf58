import Foundation
import Testing

@testable import ServiceKit

/// The setting `HDM_CRASH_POINT`.
struct CrashPointTests {
    @Test func `a crash is read from its name, with a number or a probability`() throws {
        let first = try #require(ArmedCrash("settlement.confirmed"))
        #expect(first.point == .settlementConfirmed && first.occasion == .number(1))
        let third = try #require(ArmedCrash("move.placed:3"))
        #expect(third.point == .movePlaced && third.occasion == .number(3))
        let random = try #require(ArmedCrash("any:0.5%"))
        #expect(random.point == nil && random.occasion == .probability(0.005))
    }

    @Test(arguments: ["", "nowhere", "move.placed:0", "move.placed:x", "move.placed:101%", "any:%", "move.placed:"])
    func `a malformed setting names no crash`(text: String) {
        #expect(ArmedCrash(text) == nil)
    }

    @Test func `only the chosen pass of the chosen point strikes`() throws {
        let crash = try #require(ArmedCrash("settlement.acked:2"))
        let passed: [CrashPoint] = [.settlementAcked, .settlementPublished, .settlementAcked, .settlementAcked]
        #expect(passed.map(crash.strikes) == [false, false, true, false])
        let always = try #require(ArmedCrash("any:100%"))
        #expect(CrashPoint.allCases.allSatisfy(always.strikes))
    }

    @Test func `a pass kills the process with SIGKILL`() async {
        await #expect(processExitsWith: .signal(SIGKILL)) {
            setenv("HDM_CRASH_POINT", "tag.written:2", 1)
            CrashPoint.pass(.tagWritten)
            CrashPoint.pass(.tagStored)
            CrashPoint.pass(.tagWritten)
            exit(0)
        }
    }

    @Test func `without the setting a pass does nothing`() async {
        await #expect(processExitsWith: .exitCode(3)) {
            unsetenv("HDM_CRASH_POINT")
            for point in CrashPoint.allCases { CrashPoint.pass(point) }
            exit(3)
        }
    }

    @Test func `an unknown name ends the process with the status of a wrong configuration`() async {
        await #expect(processExitsWith: .exitCode(78)) {
            setenv("HDM_CRASH_POINT", "nowhere", 1)
            CrashPoint.pass(.tagWritten)
        }
    }
}
