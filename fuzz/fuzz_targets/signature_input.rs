//! What `Signature-Input` was serialised to is serialised to the same again, and so is the base over it.
#![cfg_attr(fuzzing, no_main)]
fn base(input: &[u8]) -> Option<String> {
    let request = http::Request::post("/p?a=1").header("x", "a=1, b=(2 3)").header("signature-input", input);
    let origin = ingam_transaction::Origin::of(&"https://bank.example".parse().ok()?).ok()?;
    let request = request.body(bytes::Bytes::new()).ok()?;
    let presented = ingam_transaction::request::PresentedRequest::new(request, &origin).ok()?;
    ingam_transaction::signature::of_request(&presented).ok()?.first().map(|base| base.text().to_owned())
}
fn law(data: &[u8]) {
    let Some(text) = base(data) else { return };
    let (_, parameters) = text.rsplit_once("\"@signature-params\": ").expect("the last line");
    assert_eq!(base(format!("s={parameters}").as_bytes()).as_ref(), Some(&text));
}
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| law(data));
#[cfg(not(fuzzing))]
fn main() {
    law(br#"s=("@method"  "x";key="a" "@query-param";name="a");created=1;keyid="a\"b";x=1.50"#);
}
